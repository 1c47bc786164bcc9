import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Namespace } from './support/kubectl.js';
import { K8sNetwork, kvRaw } from './support/network.js';
import { OperatorProcess } from './support/operator.js';

describe('prewarmed Pods', () => {
  const namespace = new Namespace('prewarmed');
  const operator = new OperatorProcess(namespace.name);
  const network = new K8sNetwork(namespace, { kubernetes: { prewarmed: 2 } });

  beforeAll(async () => {
    await namespace.create();
    await operator.start();
    await network.start();
    await network.install('first', kvRaw);
    expect((await network.instantiate('first', ['init', 'a', '1'])).code).toBe(0);
  }, 120_000);

  afterAll(async () => {
    await network.remove();
    await operator.stop();
    await namespace.remove();
  }, 120_000);

  async function warm(): Promise<string[]> {
    const launches = await namespace.launches();
    return launches
      .filter(({ status }) => status?.phase === 'Warm')
      .map(({ status }) => status.pod.uid as string);
  }

  it('wait for a chaincode of their image after its first launch', async () => {
    await namespace.until('two are warm', async () => (await warm()).length === 2);
  });

  it('run the next chaincode, and are replaced', async () => {
    const before = await warm();
    await network.install('second', kvRaw, '2.0');
    expect((await network.instantiate('second', ['init', 'a', '2'], '2.0')).code).toBe(0);
    expect((await network.query('second', 'get', 'a')).stdout).toBe('2');
    const phase = async (): Promise<string> => (await namespace.launchOf('second')).status.phase;
    await namespace.until('it is told to be Ready', async () => (await phase()) === 'Ready');
    const launch = await namespace.launchOf('second');
    expect(before).toContain(launch.status.pod.uid);
    const [pod] = await namespace.standingPods('second');
    expect(pod!.metadata.ownerReferences).toMatchObject([{ name: launch.metadata.name }]);
    await namespace.kubectl('wait', '--for=condition=Ready', `pod/${pod!.metadata.name}`, '--timeout=20s');
    await namespace.until('two are warm again', async () => (await warm()).length === 2);
  });

  it('give their chaincode the environment and the files of its own launch', async () => {
    const [pod] = await namespace.standingPods('second');
    const environment = await namespace.kubectl(
      ...[
        'exec',
        pod!.metadata.name,
        '-c',
        'chaincode',
        '--',
        'sh',
        '-c',
        'tr "\\0" "\\n" </proc/$(pidof node)/environ',
      ],
    );
    expect(environment).toContain('CORE_CHAINCODE_ID_NAME=second:2.0');
  });

  it('end with their endorser, and leave no object', async () => {
    await network.stop();
    await namespace.until('all Pods have ended', async () => (await namespace.chaincodePods()).length === 0);
    await namespace.until('no prewarmed launch is left', async () =>
      (await namespace.launches()).every(({ spec }) => spec.warm !== true),
    );
  });
});
