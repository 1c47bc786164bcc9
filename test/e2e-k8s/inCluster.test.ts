import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { apply, launcherImage, Namespace, nodeImage } from './support/kubectl.js';
import { manifest } from './support/manifests.js';
import { kvRaw } from './support/network.js';

/** A network in one Pod, with nothing but its service account. */
function endorser(config: object): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'endorser' },
      data: { 'core.yaml': stringify(config) },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'endorser', labels: { app: 'endorser' } },
      spec: {
        serviceAccountName: 'chaincode-launcher-endorser',
        automountServiceAccountToken: true,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          fsGroup: 65532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'endorser',
            image: launcherImage,
            args: ['dev', '--data', '/data', '--host', '$(POD_IP)', '--config', '/config/core.yaml'],
            env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
              { name: 'tmp', mountPath: '/tmp' },
              { name: 'config', mountPath: '/config' },
            ],
          },
        ],
        volumes: [
          { name: 'data', emptyDir: {} },
          { name: 'tmp', emptyDir: {} },
          { name: 'config', configMap: { name: 'endorser' } },
        ],
      },
    },
  ];
}

describe('an endorser in the cluster', () => {
  const namespace = new Namespace('incluster');

  beforeAll(async () => {
    await namespace.create();
    apply(namespace.name, [
      ...manifest('operator.yaml'),
      ...endorser({
        vm: { provider: 'kubernetes' },
        chaincode: { builder: nodeImage, node: { runtime: nodeImage } },
      }),
    ]);
    await namespace.kubectl('wait', '--for=condition=Ready', 'pod/endorser', '--timeout=60s');
    await namespace.until('the network is ready', async () => {
      const { stdout } = await namespace.try('logs', 'endorser');
      return stdout.includes('dev is ready');
    });
    await namespace.kubectl('cp', kvRaw, 'endorser:/data/kv');
  }, 150_000);

  afterAll(() => namespace.remove(), 120_000);

  function cli(...args: string[]): Promise<string> {
    const line = `. /data/peer.env; chaincode-launcher chaincode "$@"`;
    return namespace.kubectl('exec', 'endorser', '--', 'sh', '-c', line, 'sh', ...args);
  }

  it('launches chaincode with its service account alone', async () => {
    await cli('install', '-l', 'node', '-n', 'kv', '-v', '1.0', '-p', '/data/kv');
    const target = ['-C', 'mychannel', '-n', 'kv'];
    await cli('instantiate', ...target, '-v', '1.0', '-c', '{"Args":["init","a","100"]}', '--waitForEvent');
    await cli('invoke', ...target, '-c', '{"Args":["put","a","90"]}', '--waitForEvent');
    expect(await cli('query', ...target, '-c', '{"Args":["get","a"]}')).toBe('90');
    const [launch] = await namespace.launches();
    const ip = (await namespace.list('pods', '--field-selector', 'metadata.name=endorser'))[0]!.status
      .podIP as string;
    expect(launch!.spec.peer.address).toBe(`${ip}:7052`);
    expect(launch!.spec.source.artifacts.url).toBe(`https://${ip}:7055`);
    expect(launch!.status.phase).toBe('Ready');
  }, 90_000);

  it('ends its chaincode when its Pod ends', async () => {
    await namespace.kubectl('delete', 'pod', 'endorser', '--wait=true', '--timeout=60s');
    await namespace.until(
      'no Pod of chaincode is left',
      async () => (await namespace.chaincodePods()).length === 0,
    );
    const [launch] = await namespace.launches();
    expect(launch!.status).toMatchObject({
      phase: 'Stopped',
      reason: 'Suspended',
      message: 'the endorser has ended',
    });
  }, 90_000);
});
