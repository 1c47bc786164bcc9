import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clusterAccess } from '../../src/k8s/client/access.js';
import { Informer } from '../../src/k8s/client/informer.js';
import { KubeClient } from '../../src/k8s/client/kubeClient.js';
import { pods, type KubeObject } from '../../src/k8s/client/objects.js';
import { Resource } from '../../src/k8s/client/resource.js';
import { silentLogger } from '../support/silentLogger.js';
import { ownsControlPlane, repairCluster, signalComponent } from './support/controlPlane.js';
import { CuttableProxy } from './support/cuttableProxy.js';
import { kubeconfig, kubectl, Namespace } from './support/kubectl.js';
import { K8sNetwork, kvRaw } from './support/network.js';
import { OperatorProcess } from './support/operator.js';

/** Every Pod that ever was, by launch and attempt. */
class PodCensus {
  readonly #seen = new Map<string, Set<string>>();
  readonly #client: KubeClient;
  readonly #informer: Informer<KubeObject>;

  private constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#informer = new Informer({
      client,
      resource: new Resource<KubeObject>(client, pods),
      selection: { namespace, labelSelector: 'chaincode-launcher.dev/role=chaincode' },
      logger: silentLogger(),
      onChange: (_key, pod) => {
        if (!pod) return;
        const { labels = {}, uid = '' } = pod.metadata;
        const attempt = `${labels['chaincode-launcher.dev/launch']}/${labels['chaincode-launcher.dev/attempt']}`;
        this.#seen.set(attempt, (this.#seen.get(attempt) ?? new Set()).add(uid));
      },
    });
    this.#informer.start();
  }

  static async begin(namespace: string): Promise<PodCensus> {
    const census = new PodCensus(new KubeClient({ access: await clusterAccess() }), namespace);
    await census.#informer.synced;
    return census;
  }

  /** How many attempts had how many Pods. */
  counts(): number[] {
    return [...this.#seen.values()].map(({ size }) => size);
  }

  async end(): Promise<void> {
    await this.#informer.stop();
    this.#client.close();
  }
}

describe('the operator and its cluster under faults', () => {
  const namespace = new Namespace('chaos');
  const network = new K8sNetwork(namespace);
  const quickLease = ['--lease-duration', '4s', '--renew-deadline', '3s', '--retry-period', '500ms'];

  beforeAll(async () => {
    await namespace.create();
    const operator = new OperatorProcess(namespace.name, ['--no-leader-election']);
    await operator.start();
    await network.start();
    await network.install('kv', kvRaw);
    expect((await network.instantiate('kv', ['init', 'a', '100'])).code).toBe(0);
    await operator.stop();
  }, 120_000);

  afterAll(async () => {
    await network.remove();
    await namespace.remove();
  }, 120_000);

  let running: OperatorProcess[] = [];
  beforeEach(() => {
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((operator) => operator.stop()));
  });

  async function operate(
    args: readonly string[],
    env?: Record<string, string>,
    until?: string,
  ): Promise<OperatorProcess> {
    const operator = new OperatorProcess(namespace.name, args, env);
    running.push(operator);
    await operator.start(until);
    return operator;
  }

  /** Ends the chaincode as a lost node would, and waits until the endorser knows. */
  async function endPod(): Promise<void> {
    const standing = await namespace.standingPods('kv');
    if (standing.length === 0) return;
    const names = standing.map(({ metadata }) => metadata.name);
    await namespace.kubectl('delete', 'pods', ...names, '--grace-period=0', '--force');
    await namespace.until('its stream has ended', async () => {
      const [launch] = await namespace.launches();
      return launch!.status.registration.registered === false;
    });
  }

  async function expectOnePodReady(): Promise<void> {
    await namespace.until('the launch is Ready with one Pod', async () => {
      const [launch] = await namespace.launches();
      const standing = await namespace.standingPods('kv');
      return launch!.status.phase === 'Ready' && standing.length === 1;
    });
  }

  it('are survived by every launch when the operator is killed at thirty points of them', async () => {
    const census = await PodCensus.begin(namespace.name);
    let operator = await operate(['--no-leader-election']);
    for (let point = 0; point < 30; point += 1) {
      await endPod();
      const query = network.query('kv', 'get', 'a');
      // The points lie evenly over the two seconds of a launch, with a little chance in each.
      await sleep(300 + point * 60 + Math.random() * 60);
      await operator.stop('SIGKILL');
      operator = await operate(['--no-leader-election']);
      const { stdout, stderr } = await query;
      expect([point, stdout, stderr]).toEqual([point, '100', '']);
    }
    await expectOnePodReady();
    expect(Math.max(...census.counts())).toBe(1);
    expect(census.counts().length).toBeGreaterThanOrEqual(30);
    await census.end();
  }, 400_000);

  it('see a standby take over within the lease when the leader is killed in a launch', async () => {
    const leader = await operate(quickLease);
    const standby = await operate(quickLease, {}, 'waiting for the lease');
    await endPod();
    const query = network.query('kv', 'get', 'a');
    await sleep(700);
    await leader.stop('SIGKILL');
    const begin = Date.now();
    await namespace.until('the standby leads', async () => standby.log.includes('"leading"'), 10_000);
    expect(Date.now() - begin).toBeLessThan(6_000);
    expect((await query).stdout).toBe('100');
    await expectOnePodReady();
  }, 60_000);

  it('see the lease given up at SIGTERM, so that the next leader need not wait', async () => {
    const leader = await operate(quickLease);
    const standby = await operate(quickLease, {}, 'waiting for the lease');
    const begin = Date.now();
    expect(await leader.stop('SIGTERM')).toBe(0);
    await namespace.until('the standby leads', async () => standby.log.includes('"leading"'), 10_000);
    expect(Date.now() - begin).toBeLessThan(2_500);
  }, 60_000);

  it('see an operator that was frozen longer than its lease end itself, and nothing done twice', async () => {
    const census = await PodCensus.begin(namespace.name);
    const frozen = await operate(quickLease);
    const standby = await operate(quickLease, {}, 'waiting for the lease');
    await frozen.stop('SIGSTOP');
    await namespace.until('the standby leads', async () => standby.log.includes('"leading"'), 10_000);
    await endPod();
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('100');
    await frozen.stop('SIGCONT');
    await namespace.until('the frozen one has ended', async () => !frozen.runs, 10_000);
    expect(frozen.log).toMatch(/another operator holds the lease|could not be renewed/);
    expect(Math.max(...census.counts())).toBe(1);
    await census.end();
  }, 60_000);

  it('notice watches that have fallen silent, and start over', async () => {
    const config = readFileSync(kubeconfig, 'utf8');
    const server = /server: "?(https:[^"}\s]+)/.exec(config)![1]!;
    const proxy = new CuttableProxy(server);
    const file = join(mkdtempSync(join(tmpdir(), 'kubeconfig-')), 'config');
    writeFileSync(file, config.replace(server, await proxy.listen()), { mode: 0o600 });
    const operator = await operate(['--no-leader-election', '--kubeconfig', file, '--watch-idle', '3s']);
    expect(proxy.silence()).toBeGreaterThanOrEqual(2);
    await endPod();
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('100');
    await expectOnePodReady();
    await operator.stop();
    await proxy.close();
  }, 60_000);

  describe.runIf(ownsControlPlane())('of the control plane', () => {
    afterEach(() => repairCluster());

    it('get a launch through the restart of the API server', async () => {
      await operate(['--no-leader-election']);
      await endPod();
      const query = network.query('kv', 'get', 'a');
      await sleep(400);
      signalComponent('kube-apiserver', 'SIGKILL');
      repairCluster();
      expect((await query).stdout).toBe('100');
      await expectOnePodReady();
    }, 120_000);

    it('get a launch through ten seconds in which etcd does not answer', async () => {
      await operate(['--no-leader-election']);
      await endPod();
      signalComponent('etcd', 'SIGSTOP');
      const query = network.query('kv', 'get', 'a');
      await sleep(10_000);
      signalComponent('etcd', 'SIGCONT');
      expect((await query).stdout).toBe('100');
      await expectOnePodReady();
      expect(await kubectl('get', '--raw', '/readyz')).toBe('ok');
    }, 120_000);
  });
});
