import type { ChaincodeLaunch } from '../../src/k8s/api/chaincodeLaunch.js';
import type { LaunchSpec, LaunchStatus } from '../../src/k8s/api/schema.js';
import { aLaunch } from './launches.js';

/** RFC 3339, so many seconds before now. */
const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();

interface Example {
  readonly chaincode: string;
  readonly version: string;
  readonly peer: 0 | 1;
  readonly age: number;
  readonly type?: LaunchSpec['chaincode']['type'];
  readonly built?: number;
  /** Seconds after its begin: Pod made, scheduled, started, registered. */
  readonly reached: readonly number[];
  readonly ended?: number;
  readonly status: LaunchStatus;
  readonly attempt?: number;
}

function example(parts: Example): ChaincodeLaunch {
  const { chaincode, version, peer, age, type = 'NODE', built, reached, ended, attempt = 1 } = parts;
  const name = `${chaincode}-${version.replaceAll('.', '-')}-p${peer}`;
  const after = (seconds: number | undefined): string | undefined =>
    seconds === undefined ? undefined : ago(age - seconds);
  const [podCreated, scheduled, started, registered] = reached.map(after);
  const done = parts.status.phase === 'Ready';
  const condition = (type: string, time: string | undefined, waiting: string) => ({
    type,
    status: time === undefined ? ('False' as const) : ('True' as const),
    reason: time === undefined ? waiting : type,
    message: '',
    lastTransitionTime: time ?? ago(age),
  });
  return aLaunch({
    name,
    metadata: { creationTimestamp: ago(age) },
    spec: {
      chaincode: { name: chaincode, version, type },
      peer: {
        id: `peer${peer}.org1.example.com`,
        mspID: 'Org1MSP',
        address: '10.0.0.5:7052',
        channel: 'mychannel',
      },
      source: { image: 'registry.example.com/fabric/nodeenv:2.5', shell: true },
      ...(built !== undefined && {
        build: { image: 'registry.example.com/fabric/nodeenv:2.5', command: 'npm ci' },
      }),
      launch: attempt,
    },
    status: {
      attempt,
      ...(podCreated !== undefined && {
        pod: {
          name: `${name}-${attempt}-7c9d`,
          uid: 'u',
          ...(scheduled !== undefined && { node: `worker-${peer + 1}` }),
        },
      }),
      times: {
        begun: ago(age),
        built: after(built),
        podCreated,
        scheduled,
        started,
        registered,
        ended: after(ended),
      },
      conditions: [
        {
          ...condition('Ready', done ? registered : undefined, ''),
          reason: parts.status.reason ?? 'Pending',
        },
        condition('PodScheduled', scheduled, 'Scheduling'),
        condition('Started', started, 'Starting'),
        condition('Registered', registered, 'NotRegistered'),
      ],
      ...parts.status,
    },
  });
}

const ready = { phase: 'Ready', reason: 'Registered', message: 'the chaincode has registered' } as const;

/** Launches as a network has them on a day on which not all goes well. */
export function exampleLaunches(): ChaincodeLaunch[] {
  return [
    example({
      chaincode: 'asset-transfer',
      version: '2.1',
      peer: 0,
      age: 340,
      built: 6.8,
      reached: [7.1, 7.2, 8.9, 9.6],
      status: ready,
    }),
    example({
      chaincode: 'asset-transfer',
      version: '2.0',
      peer: 0,
      age: 95,
      built: 6.1,
      reached: [6.3, 6.4, 7.8],
      ended: 8.7,
      attempt: 3,
      status: {
        phase: 'Failed',
        reason: 'ContainerExited',
        message: 'container exited with 1',
        exit: {
          code: 1,
          reason: 'Error',
          lastLines: [
            "Error: Cannot find module 'fabric-contract-api'",
            'Require stack:',
            '- /chaincode/output/lib/assetTransfer.js',
            '- /chaincode/output/index.js',
            '    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)',
            '    at Module._load (node:internal/modules/cjs/loader:1051:27)',
            "  code: 'MODULE_NOT_FOUND'",
          ],
        },
      },
    }),
    example({
      chaincode: 'settlement',
      version: '1.4',
      peer: 1,
      age: 44,
      type: 'JAVA',
      reached: [0.2],
      status: {
        phase: 'Scheduling',
        reason: 'Unschedulable',
        message: 'no node for the Pod: 0/3 nodes are available: 3 Insufficient memory.',
      },
    }),
    example({
      chaincode: 'token',
      version: '0.9',
      peer: 1,
      age: 21,
      built: 12,
      reached: [12.3, 12.4],
      status: {
        phase: 'Starting',
        reason: 'ErrImagePull',
        message: 'container chaincode: failed to pull and unpack image: not found',
      },
    }),
    example({
      chaincode: 'kv',
      version: '1.0',
      peer: 0,
      age: 7300,
      reached: [0.1, 0.1, 1.2, 1.6],
      status: ready,
    }),
    example({
      chaincode: 'kv',
      version: '1.0',
      peer: 1,
      age: 7290,
      reached: [0.1, 0.1, 1.3, 1.7],
      status: ready,
    }),
    example({
      chaincode: 'kv',
      version: '0.9',
      peer: 0,
      age: 180_000,
      reached: [0.1, 0.2, 1.4, 1.9],
      ended: 172_600,
      status: { phase: 'Stopped', reason: 'Suspended', message: 'kv:1.0 has replaced it' },
    }),
    example({
      chaincode: 'prewarmed',
      version: 'node',
      peer: 0,
      age: 900,
      reached: [0.1, 0.2, 1.1],
      status: { phase: 'Warm', reason: 'Warm', message: 'waits for a chaincode' },
    }),
  ];
}

/** So many launches that run. */
export function manyLaunches(count: number): ChaincodeLaunch[] {
  return Array.from({ length: count }, (_, n) =>
    aLaunch({
      name: `kv-${n}-x`,
      spec: { chaincode: { name: `kv${n % 50}`, version: `1.${n}`, type: 'NODE' } },
      status: {
        ...ready,
        attempt: 1,
        pod: { name: `kv-${n}-x-1-abcdef`, uid: `pod-${n}`, node: `worker-${n % 9}` },
        times: { begun: ago(n + 5), registered: ago(n + 3.2) },
      },
    }),
  );
}
