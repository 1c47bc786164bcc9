import type { ChaincodeLaunch } from '../../src/k8s/api/chaincodeLaunch.js';
import type { LaunchSpec, LaunchStatus } from '../../src/k8s/api/schema.js';

/** When the launches of the tests began. */
export const begun = Date.parse('2026-11-27T10:00:00.000Z');

/** RFC 3339, so many seconds after their begin. */
export const at = (seconds: number): string => new Date(begun + seconds * 1000).toISOString();

export interface LaunchParts {
  readonly name?: string;
  readonly spec?: Partial<LaunchSpec>;
  readonly status?: LaunchStatus;
  readonly metadata?: Partial<ChaincodeLaunch['metadata']>;
}

/** A launch as the API server has it; without a status no operator has seen it. */
export function aLaunch({ name = 'kv-1-0-x', spec, status, metadata }: LaunchParts = {}): ChaincodeLaunch {
  return {
    apiVersion: 'chaincode-launcher.dev/v1alpha1',
    kind: 'ChaincodeLaunch',
    metadata: {
      name,
      namespace: 'fabric',
      uid: `uid-of-${name}`,
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: at(0),
      ...metadata,
    },
    spec: {
      chaincode: { name: 'kv', version: '1.0', type: 'NODE' },
      peer: { id: 'peer0.org1', mspID: 'Org1MSP', address: '10.0.0.1:7052', channel: 'mychannel' },
      source: { image: 'registry.example.com/node:1', shell: true },
      command: ['node', 'index.js'],
      tls: true,
      networkPolicy: true,
      launch: 1,
      suspended: false,
      ...spec,
    },
    ...(status && { status }),
  };
}

/** The status of a launch that registered after 1.9 s. */
export const readyStatus: LaunchStatus = {
  phase: 'Ready',
  reason: 'Registered',
  message: 'the chaincode has registered',
  attempt: 1,
  pod: { name: 'kv-1-0-x-1-abc', uid: 'pod-1', node: 'node-1' },
  times: { begun: at(0), podCreated: at(0.1), scheduled: at(0.2), started: at(1.5), registered: at(1.9) },
  conditions: [
    {
      type: 'Ready',
      status: 'True',
      reason: 'Registered',
      message: 'the chaincode has registered',
      lastTransitionTime: at(1.9),
    },
  ],
};

/** The status of a launch whose chaincode ended before it registered. */
export const failedStatus: LaunchStatus = {
  phase: 'Failed',
  reason: 'ContainerExited',
  message: 'container exited with 1',
  attempt: 2,
  pod: { name: 'kv-1-0-x-2-abc', uid: 'pod-2', node: 'node-1' },
  exit: { code: 1, reason: 'Error', lastLines: ['Error: cannot find module', '    at main.js:1'] },
  times: { begun: at(0), podCreated: at(0.1), scheduled: at(0.2), started: at(1.5), ended: at(2) },
  conditions: [
    {
      type: 'Ready',
      status: 'False',
      reason: 'ContainerExited',
      message: 'container exited with 1',
      lastTransitionTime: at(0),
    },
  ],
};
