import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Namespace } from './support/kubectl.js';
import { K8sNetwork, kvRaw } from './support/network.js';
import { OperatorProcess } from './support/operator.js';

describe('the output of chaincode, under a user that the cluster chose', () => {
  const namespace = new Namespace('output');
  const operator = new OperatorProcess(namespace.name, ['--run-as-user', '1000650000']);
  const network = new K8sNetwork(namespace, {
    kubernetes: { attachStdout: true },
    vm: { retire: { keep: 1, grace: '1s' } },
  });

  beforeAll(async () => {
    await namespace.create();
    await operator.start();
    await network.start();
  }, 120_000);

  afterAll(async () => {
    await network.remove();
    await operator.stop();
    await namespace.remove();
  }, 120_000);

  it('is in the endorser’s log from the first to the last line, also when it exits at once', async () => {
    const code = `
      setTimeout(() => console.log('hello-1'), 100);
      setTimeout(() => { process.stdout.write('x'.repeat(1 << 20)); process.stdout.write(Buffer.from([255, 254, 10])); }, 300);
      setTimeout(() => { console.log('bye-2'); process.exit(1); }, 1000);`;
    await network.install('talker', network.makePackage('talker', code));
    const { stderr } = await network.instantiate('talker');
    expect(stderr).toContain('container exited with 1');
    await namespace.until('its last line is in the log', async () => network.log.includes('bye-2'));
    const lines = network.log.split('\n').filter((line) => line.includes('peer.chaincode.talker-1.0'));
    expect(lines.some((line) => line.includes('hello-1'))).toBe(true);
    expect(lines.some((line) => line.includes('bye-2'))).toBe(true);
    expect(network.log).not.toContain('PodInitializing');
  });

  it('comes with real chaincode that runs as that user', async () => {
    await network.install('kv', kvRaw);
    expect((await network.instantiate('kv', ['init', 'a', '1'])).code).toBe(0);
    const [pod] = await namespace.standingPods('kv');
    const id = await namespace.kubectl('exec', pod!.metadata.name, '-c', 'chaincode', '--', 'id', '-u');
    expect(id).toBe('1000650000');
    expect(await network.ok('launches', 'logs', 'kv')).toContain('Successfully registered with peer node');
  });

  it('goes on for one replaced version when one is to be kept, and ends for the others after their grace', async () => {
    for (const version of ['2.0', '3.0']) {
      await network.install('kv', kvRaw, version);
      await network.upgrade('kv', version, ['init', 'a', version]);
    }
    const versions = async (): Promise<string[]> =>
      (await namespace.standingPods('kv')).map(
        ({ metadata }) => metadata.annotations!['chaincode-launcher.dev/chaincode-version']!,
      );
    await namespace.until(
      'only the newest replaced version is left',
      async () => (await versions()).sort().join() === '2.0,3.0',
    );
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('3.0');
  });
});
