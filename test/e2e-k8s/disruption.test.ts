import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectl, Namespace, tryKubectl } from './support/kubectl.js';
import { K8sNetwork, kvRaw } from './support/network.js';
import { OperatorProcess } from './support/operator.js';

describe('a chaincode in use', () => {
  const namespace = new Namespace('disruption');
  const operator = new OperatorProcess(namespace.name);
  const network = new K8sNetwork(namespace);

  beforeAll(async () => {
    await namespace.create();
    await operator.start();
    await network.start();
    await network.install('kv', kvRaw);
    expect((await network.instantiate('kv', ['init', 'a', '100'])).code).toBe(0);
  }, 120_000);

  afterAll(async () => {
    await network.remove();
    await operator.stop();
    await namespace.remove();
  }, 120_000);

  async function podNames(): Promise<string[]> {
    return (await namespace.standingPods('kv')).map(({ metadata }) => metadata.name);
  }

  /** Twenty queries beside whatever happens: every one is answered, with the value or with what cut it. */
  async function twentyQueries(): Promise<void> {
    const answers = await Promise.all(Array.from({ length: 20 }, () => network.query('kv', 'get', 'a')));
    for (const { stdout, stderr } of answers) {
      if (stdout !== '100')
        expect(stderr).toMatch(/chaincode stream terminated|failed to execute transaction/);
    }
    expect(answers.some(({ stdout }) => stdout === '100')).toBe(true);
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('100');
  }

  /** The events of the launch, a line each. */
  async function toldOfLaunch(): Promise<string> {
    const { items } = JSON.parse(await namespace.kubectl('get', 'events', '-o', 'json')) as {
      items: { reason: string; message: string; involvedObject: { kind: string } }[];
    };
    return items
      .filter(({ involvedObject }) => involvedObject.kind === 'ChaincodeLaunch')
      .map(({ reason, message }) => `${reason}: ${message}`)
      .join('\n');
  }

  it('that is evicted with twenty queries in flight is launched once more, and all are answered', async () => {
    const [before] = await podNames();
    const eviction = JSON.stringify({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: before, namespace: namespace.name },
    });
    const queries = twentyQueries();
    const path = `/api/v1/namespaces/${namespace.name}/pods/${before}/eviction`;
    spawnSync('kubectl', ['create', '--raw', path, '-f', '-'], { input: eviction });
    await queries;
    await namespace.until('one new Pod runs', async () => {
      const names = await podNames();
      return names.length === 1 && names[0] !== before;
    });
    await expect.poll(toldOfLaunch, { timeout: 10_000 }).toMatch(/^Evicted: /m);
  }, 90_000);

  it('whose node is drained waits for a node, and is launched there', async () => {
    const [pod] = await namespace.standingPods('kv');
    const node = pod!.spec.nodeName as string;
    const selector = `chaincode-launcher.dev/launch=${pod!.metadata.labels!['chaincode-launcher.dev/launch']}`;
    try {
      await kubectl(
        'drain',
        node,
        '--pod-selector',
        selector,
        '--force',
        '--delete-emptydir-data',
        '--ignore-daemonsets',
      );
      const query = network.query('kv', 'get', 'a');
      await namespace.until('it waits for a node', async () => {
        const [launch] = await namespace.launches();
        return (
          launch!.status.phase === 'Scheduling' && /unschedulable/.test(launch!.status.message as string)
        );
      });
      await kubectl('uncordon', node);
      expect((await query).stdout).toBe('100');
    } finally {
      await tryKubectl('uncordon', node);
    }
    expect(await podNames()).toHaveLength(1);
  }, 90_000);

  it('whose Pod is deleted gracefully ends within seconds: SIGTERM reaches it', async () => {
    const [before] = await podNames();
    const begin = Date.now();
    await namespace.kubectl('delete', 'pod', before!, '--wait=true', '--timeout=20s');
    expect(Date.now() - begin).toBeLessThan(8000);
    await twentyQueries();
    expect(await podNames()).toHaveLength(1);
  }, 60_000);

  it('is not counted Ready once its stream has ended', async () => {
    await network.stop('SIGKILL');
    await namespace.until('the chaincode has ended', async () => {
      const [launch] = await namespace.launches();
      return launch!.status.phase === 'Stopped';
    });
    const [launch] = await namespace.launches();
    const ready = launch!.status.conditions.find(({ type }: { type: string }) => type === 'Ready');
    expect(ready.status).toBe('False');
    await namespace.until('its Pod is gone', async () => (await podNames()).length === 0);
    await network.start();
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('100');
  }, 60_000);

  it('does not keep its namespace from going, whether the operator runs or not', async () => {
    await operator.stop();
    const begin = Date.now();
    await kubectl('delete', 'namespace', namespace.name, '--wait=true', '--timeout=60s');
    expect(Date.now() - begin).toBeLessThan(60_000);
    expect((await tryKubectl('get', 'namespace', namespace.name)).code).toBe(1);
  }, 90_000);
});
