import { describe, expect, it } from 'vitest';
import type { ChaincodeLaunch } from '../api/chaincodeLaunch.js';
import type { LaunchSpec } from '../api/schema.js';
import { podManifest } from './manifests.js';

const settings = { fetchImage: 'launcher:1', runAsUser: 65532 };

function launch(spec: Partial<LaunchSpec> = {}): ChaincodeLaunch {
  return {
    metadata: {
      name: 'kv-1-0-x',
      namespace: 'fabric',
      uid: 'u',
      labels: { 'chaincode-launcher.dev/peer': 'p' },
    },
    spec: {
      chaincode: { name: 'kv', version: '1.0+rc', type: 'NODE' },
      peer: { id: 'peer0', mspID: 'Org1MSP', address: '10.0.0.1:7052' },
      source: {
        image: 'node:1',
        shell: true,
        artifacts: { url: 'https://10.0.0.1:7055', caBundle: 'CA', audience: 'aud' },
      },
      command: ['/bin/sh', '-c', 'npm start'],
      tls: true,
      networkPolicy: true,
      launch: 4,
      suspended: false,
      ...spec,
    },
  };
}

interface Loose {
  readonly name: string;
  readonly command?: readonly string[];
  readonly env?: readonly { name: string; value: string }[];
  readonly volumeMounts: readonly { name: string; mountPath: string; readOnly?: boolean }[];
  readonly securityContext: object;
}

function containers(spec: Partial<LaunchSpec> = {}): Record<string, Loose> {
  const all = podManifest(launch(spec), 'chaincode', settings).spec?.['containers'] as readonly Loose[];
  return Object.fromEntries(all.map((each) => [each.name, each]));
}

describe('the Pod of a chaincode', () => {
  it('has a name that is fixed by launch and attempt', () => {
    const name = podManifest(launch(), 'chaincode', settings).metadata.name;
    expect(name).toMatch(/^kv-1-0-x-4-[a-z2-7]{5}$/);
    expect(podManifest(launch(), 'chaincode', settings).metadata.name).toBe(name);
    expect(podManifest(launch({ launch: 5 }), 'chaincode', settings).metadata.name).not.toBe(name);
  });

  it('has recommended labels, with raw names in annotations', () => {
    const { labels, annotations, ownerReferences } = podManifest(launch(), 'chaincode', settings).metadata;
    expect(labels).toMatchObject({
      'app.kubernetes.io/name': 'kv',
      'app.kubernetes.io/version': '1.0_rc',
      'app.kubernetes.io/managed-by': 'chaincode-launcher',
    });
    expect(annotations).toMatchObject({ 'chaincode-launcher.dev/chaincode-version': '1.0+rc' });
    expect(ownerReferences).toMatchObject([{ kind: 'ChaincodeLaunch', uid: 'u', controller: true }]);
  });

  it('shows the token to the fetcher alone', () => {
    const { fetch, chaincode } = containers();
    expect(fetch?.volumeMounts.map(({ name }) => name)).toContain('token');
    expect(chaincode?.volumeMounts.map(({ name }) => name)).toEqual(['tmp', 'run', 'tls']);
    expect(chaincode?.volumeMounts.find(({ name }) => name === 'tls')?.readOnly).toBe(true);
  });

  it('gives the chaincode its command behind the wait for its files', () => {
    const { chaincode } = containers();
    expect(chaincode?.command?.slice(3)).toEqual([
      '/chaincode-launcher/run/ready',
      '/bin/sh',
      '-c',
      'npm start',
    ]);
  });

  it('fetches in an init container, and starts without a wrapper, where the image has no shell', () => {
    const source = { ...launch().spec.source, shell: false };
    const manifest = podManifest(launch({ source }), 'chaincode', settings);
    expect((manifest.spec?.['initContainers'] as Loose[]).map(({ name }) => name)).toEqual(['fetch']);
    expect((manifest.spec?.['containers'] as Loose[])[0]?.command).toEqual(['/bin/sh', '-c', 'npm start']);
  });

  it('has no fetcher when there is nothing to fetch', () => {
    expect(Object.keys(containers({ tls: false }))).toEqual(['chaincode']);
  });

  it('mounts the build output where the platform has it', () => {
    const source = {
      ...launch().spec.source,
      package: 'sha256:a',
      output: 'sha256:b',
      mountPath: '/usr/local/src',
    };
    const { fetch, chaincode } = containers({ source });
    expect(chaincode?.volumeMounts).toContainEqual({ name: 'output', mountPath: '/usr/local/src' });
    expect(fetch?.env).toContainEqual({ name: 'CHAINCODE_LAUNCHER_DIGEST', value: 'sha256:b' });
  });

  it('leaves users to the cluster when told so', () => {
    const { securityContext } = podManifest(launch(), 'chaincode', { fetchImage: 'x' }).spec ?? {};
    expect(JSON.parse(JSON.stringify(securityContext))).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
  });

  it('takes placement and a template over', () => {
    const manifest = podManifest(
      launch({
        pod: {
          nodeSelector: { disk: 'ssd' },
          priorityClassName: 'high',
          template: {
            metadata: { annotations: { 'sidecar.istio.io/inject': 'false' }, labels: { team: 'a' } },
            spec: {
              dnsPolicy: 'None',
              containers: [
                { name: 'chaincode', env: [{ name: 'X', value: '1' }] },
                { name: 'helper', image: 'h' },
              ],
            },
          },
        },
      }),
      'chaincode',
      settings,
    );
    expect(manifest.spec).toMatchObject({
      nodeSelector: { disk: 'ssd' },
      priorityClassName: 'high',
      dnsPolicy: 'None',
    });
    expect(manifest.metadata.labels).toMatchObject({ team: 'a', 'chaincode-launcher.dev/role': 'chaincode' });
    const all = manifest.spec?.['containers'] as readonly Loose[];
    expect(all.map(({ name }) => name)).toEqual(['fetch', 'chaincode', 'helper']);
    expect(all[1]?.env).toEqual([
      { name: 'HOME', value: '/tmp' },
      { name: 'X', value: '1' },
    ]);
  });
});

describe('the Pod of a build', () => {
  it('gives the builder no token and the fetcher both folders', () => {
    const source = { ...launch().spec.source, package: 'sha256:a', mountPath: '/x' };
    const manifest = podManifest(
      launch({ source, build: { image: 'builder:1', command: 'make', env: { https_proxy: 'http://p' } } }),
      'build',
      settings,
    );
    const [fetch, builder] = manifest.spec?.['containers'] as readonly Loose[];
    expect(builder?.volumeMounts.map(({ name }) => name)).toEqual(['tmp', 'run', 'input', 'output']);
    expect(builder?.env).toContainEqual({ name: 'https_proxy', value: 'http://p' });
    expect(fetch?.volumeMounts.map(({ name }) => name)).toEqual(['run', 'token', 'input', 'output']);
    expect(manifest.spec?.['readinessGates']).toBeUndefined();
  });
});
