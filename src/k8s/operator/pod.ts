import type { KubeObject } from '../client/objects.js';

interface Terminated {
  readonly exitCode: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** core/v1 ContainerStatus, as far as it is read. */
export interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: Terminated;
  };
}

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** core/v1 Pod, as far as the operator reads it. */
export interface Pod extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>> & { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly PodCondition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** Names of the containers. */
export const fetchContainer = 'fetch';
export const chaincodeContainer = 'chaincode';
export const builderContainer = 'builder';

/** What is kept of a Pod in memory: a tenth of it. */
export function keptOfPod({ metadata, spec, status }: Pod): Pod {
  const {
    name,
    namespace,
    uid,
    resourceVersion,
    creationTimestamp,
    deletionTimestamp,
    labels,
    ownerReferences,
  } = metadata;
  return {
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      creationTimestamp,
      deletionTimestamp,
      labels,
      ownerReferences,
    },
    spec: { nodeName: spec?.nodeName },
    status: status && keptOfStatus(status),
  };
}

type PodStatus = NonNullable<Pod['status']>;

function keptOfStatus(status: PodStatus): PodStatus {
  const { phase, reason, message, conditions, containerStatuses, initContainerStatuses } = status;
  return {
    phase,
    reason,
    message,
    conditions: conditions?.map((each) => ({
      type: each.type,
      status: each.status,
      reason: each.reason,
      message: each.message,
    })),
    containerStatuses: containerStatuses?.map(({ name, state }) => ({ name, state })),
    initContainerStatuses: initContainerStatuses?.map(({ name, state }) => ({ name, state })),
  };
}
