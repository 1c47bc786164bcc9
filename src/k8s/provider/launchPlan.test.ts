import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { silentLogger } from '../../../test/support/silentLogger.js';
import { loadConfig } from '../../config/load.js';
import type { ChaincodeType, VMStart } from '../../launcher/types.js';
import { makeTar } from '../../packages/tarWriter.js';
import { planLaunch, type LaunchSettings } from './launchPlan.js';
import { launchSpec } from './launchSpec.js';
import { NodeCommands } from './nodeCommand.js';
import { podSettings, podSettingsByName } from './podSettings.js';

async function settings(overrides: Record<string, string> = {}): Promise<LaunchSettings> {
  const { config } = await loadConfig({
    env: {},
    overrides: {
      'chaincode.builder': 'ccenv:1.4',
      'chaincode.node.runtime': 'nodeenv:1.4',
      'chaincode.golang.runtime': 'baseos:1.4',
      'chaincode.java.runtime': 'javaenv:1.4',
      ...overrides,
    },
  });
  return {
    ...config.vm.kubernetes,
    golangDynamicLink: config.chaincode.golangDynamicLink,
    pod: {},
    pods: {},
  };
}

function start(type: ChaincodeType, more: Partial<VMStart> = {}): VMStart {
  return {
    ccid: { name: 'kv', version: '1.0' },
    type,
    path: 'github.com/kv',
    args: ['fabric', 'args'],
    env: { CORE_CHAINCODE_ID_NAME: 'kv:1.0' },
    files: [],
    codePackage: Buffer.from('package'),
    peerAddress: '10.0.0.1:7052',
    progress: { step: () => undefined, output: () => undefined },
    ...more,
  };
}

describe('the plan of a launch', () => {
  it.each<[ChaincodeType, string, string, string]>([
    ['NODE', 'nodeenv:1.4', 'ccenv:1.4', '/usr/local/src'],
    ['GOLANG', 'baseos:1.4', 'ccenv:1.4', '/usr/local/bin'],
    ['JAVA', 'javaenv:1.4', 'javaenv:1.4', '/root/chaincode-java/chaincode'],
  ])('for %s has Fabric’s images and places', async (type, runtime, builder, mountPath) => {
    const plan = await planLaunch(start(type), await settings());
    expect(plan).toMatchObject({
      image: runtime,
      command: ['fabric', 'args'],
      build: { image: builder, mountPath },
    });
    expect(plan.build?.packageDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('builds Go as Fabric does, with the path out of reach of the shell', async () => {
    const plan = await planLaunch(start('GOLANG', { path: "x'; rm -rf /; '" }), await settings());
    expect(plan.build?.command).toContain(`-ldflags "-linkmode external -extldflags '-static'"`);
    expect(plan.build?.command).toContain(`-o /chaincode/output/chaincode 'x'\\''; rm -rf /; '\\'''`);
  });

  it('takes a ready image by name or by name and version, and then builds nothing', async () => {
    const images = { images: { kv: 'any:1', 'kv:1.0': 'exact:1' } };
    const plan = await planLaunch(start('NODE'), { ...(await settings()), ...images });
    expect(plan).toMatchObject({ image: 'exact:1' });
    expect(plan.build).toBeUndefined();
  });

  it('takes a command with the peer’s address in it', async () => {
    const plan = await planLaunch(
      start('JAVA'),
      await settings({ 'vm.kubernetes.java.command': 'java -jar x {address}' }),
    );
    expect(plan.command).toEqual(['/bin/sh', '-c', 'java -jar x 10.0.0.1:7052']);
  });

  it('names the setting that is missing', async () => {
    const bare = await settings({ 'chaincode.node.runtime': '' });
    await expect(planLaunch(start('NODE'), bare)).rejects.toThrow(
      'no image to run NODE chaincode in: set chaincode.node.runtime, or vm.kubernetes.images',
    );
  });

  it('becomes a spec without anything secret', async () => {
    const request = start('NODE', {
      files: [{ path: '/etc/hyperledger/fabric/client.key', content: Buffer.from('SECRET'), mode: 0o600 }],
    });
    const all = await settings();
    const spec = launchSpec({
      request,
      plan: await planLaunch(request, all),
      launch: 7,
      output: undefined,
      settings: all,
      peer: { networkId: 'dev', id: 'peer0', mspId: 'Org1MSP' },
      artifacts: { url: 'https://10.0.0.1:7055', caBundle: 'CA', audience: 'aud' },
    });
    expect(spec).toMatchObject({
      launch: 7,
      tls: true,
      peer: { address: '10.0.0.1:7052' },
      suspended: false,
    });
    expect(JSON.stringify(spec)).not.toContain('SECRET');
  });
});

describe('Node.js chaincode', () => {
  const commands = new NodeCommands(silentLogger());
  const packageOf = (manifest: object, more: string[] = []): Uint8Array =>
    gzipSync(
      makeTar([
        { name: 'src/package.json', content: Buffer.from(JSON.stringify(manifest)) },
        ...more.map((name) => ({ name, content: Buffer.from('x') })),
      ]),
    );

  it('is started without npm where that means the same', async () => {
    const codePackage = packageOf({ scripts: { start: 'node index.js' } });
    expect(await commands.commandFor(start('NODE', { codePackage }), 'd1', '/usr/local/src')).toEqual([
      '/bin/sh',
      '-c',
      'cd /usr/local/src; PATH=/usr/local/src/node_modules/.bin:$PATH exec node index.js --peer.address 10.0.0.1:7052',
    ]);
  });

  it.each<[string, object, string[]]>([
    ['a script before it', { scripts: { start: 'node x', prestart: 'make' } }, []],
    ['an .npmrc', { scripts: { start: 'node x' } }, ['src/.npmrc']],
    ['no start script', {}, []],
  ])('is left to npm with %s', async (what, manifest, more) => {
    const codePackage = packageOf(manifest, more);
    expect(await commands.commandFor(start('NODE', { codePackage }), what, '/x')).toBeUndefined();
  });

  it('is left to npm when the package cannot be read', async () => {
    expect(await commands.commandFor(start('NODE'), 'broken', '/x')).toBeUndefined();
  });
});

describe('Pod settings of the configuration', () => {
  it('are taken as the schema has them', () => {
    const value = { resources: { limits: { memory: '1Gi', cpu: 2 } }, nodeSelector: { a: 'b' } };
    expect(podSettings(value, 'vm.kubernetes.pod')).toEqual(value);
  });

  it.each([
    [
      { resources: { limits: { memory: '12 cats' } } },
      'vm.kubernetes.pod.resources.limits.memory: must match pattern',
    ],
    [{ resourcs: {} }, 'vm.kubernetes.pod.resourcs: unknown key'],
    [{ nodeSelector: { a: 1 } }, 'vm.kubernetes.pod.nodeSelector.a: must be string'],
  ])('are refused with the name of the key: %o', (value, text) => {
    expect(() => podSettings(value, 'vm.kubernetes.pod')).toThrow(text);
  });

  it('per chaincode name the chaincode too', () => {
    expect(() => podSettingsByName({ kv: { x: 1 } }, 'vm.kubernetes.pods')).toThrow(
      'vm.kubernetes.pods.kv.x: unknown key',
    );
    expect(() => podSettingsByName([], 'vm.kubernetes.pods')).toThrow('must hold chaincode names');
  });
});
