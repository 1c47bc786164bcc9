import type { KubeObject, ObjectMeta, OwnerReference, ResourceKind } from '../client/objects.js';
import type { LaunchSpec, LaunchStatus } from './schema.js';

export const group = 'chaincode-launcher.dev';
export const version = 'v1alpha1';

export const chaincodeLaunches: ResourceKind = {
  apiVersion: `${group}/${version}`,
  kind: 'ChaincodeLaunch',
  plural: 'chaincodelaunches',
};

/** One chaincode of one endorser, and the Pod that runs it. */
export interface ChaincodeLaunch extends KubeObject {
  readonly metadata: ObjectMeta;
  readonly spec: LaunchSpec;
  readonly status?: LaunchStatus;
}

/** What this status tells of is at its end: a chaincode that failed to start, or that ran and has ended. */
export function hasEnded(status: Pick<LaunchStatus, 'phase'> | undefined): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Stopped';
}

/** Nothing runs for this launch, and nothing will: the last attempt that was asked for has ended. */
export function isOver({ spec, status }: ChaincodeLaunch): boolean {
  return status?.attempt === spec.launch && hasEnded(status);
}

/** Readiness gate of the chaincode's Pod: true once the handler registry has seen the registration. */
export const registeredGate = `${group}/registered`;

/** Labels of launches and Pods; their values are made to fit, the raw ones are in annotations. */
export const labels = {
  /** Name of the ChaincodeLaunch. */
  launch: `${group}/launch`,
  /** Launch number. */
  attempt: `${group}/attempt`,
  /** Hash over the endorser's names. */
  peer: `${group}/peer`,
  /** `chaincode` or `build`. */
  role: `${group}/role`,
  chaincode: `${group}/chaincode`,
  version: `${group}/chaincode-version`,
} as const;

export const annotations = {
  chaincode: `${group}/chaincode`,
  version: `${group}/chaincode-version`,
  peerId: `${group}/peer-id`,
  mspId: `${group}/msp-id`,
  channel: `${group}/channel`,
  transaction: `${group}/transaction`,
  /** Set to `true` on a launch the operator leaves it alone. */
  paused: `${group}/paused`,
} as const;

/** Field managers of server-side apply. */
export const endorserManager = 'chaincode-launcher-endorser';
export const operatorManager = 'chaincode-launcher-operator';

/** What makes an object a launch's own: it is deleted with it. */
export function ownerOf(launch: ChaincodeLaunch): OwnerReference {
  return {
    apiVersion: chaincodeLaunches.apiVersion,
    kind: chaincodeLaunches.kind,
    name: launch.metadata.name,
    uid: launch.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: false,
  };
}
