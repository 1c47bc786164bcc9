import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Namespace, tryKubectl, type Shown } from '../e2e-k8s/support/kubectl.js';
import { kvRaw } from '../e2e-k8s/support/network.js';
import { Release } from './support/helm.js';
import { Volumes } from './support/volumes.js';

describe('a release, from its installation to its end', () => {
  const namespace = new Namespace('release');
  const release = new Release('ccl', namespace);
  const volumes = new Volumes();

  beforeAll(async () => {
    await namespace.create();
    await volumes.offer(1);
    await release.install();
  });

  afterAll(async () => {
    await namespace.remove();
    await volumes.remove();
  });

  async function operators(): Promise<Shown[]> {
    const pods = await namespace.list('pods', '-l', 'app.kubernetes.io/component=operator');
    return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  it('runs two operators, of which one leads, and an endorser, in a namespace that enforces restricted', async () => {
    const pods = await operators();
    expect(pods).toHaveLength(2);
    const [lease] = await namespace.list('leases');
    expect(pods.map(({ metadata }) => metadata.name)).toContain(lease!.spec.holderIdentity.split('_')[0]);
    const [endorser] = await namespace.list('pods', '-l', 'app.kubernetes.io/component=endorser');
    expect(endorser!.status.containerStatuses[0].ready).toBe(true);
  });

  it('is tested by helm test, as often as one likes', async () => {
    expect(await release.helm('test', '--timeout', '90s', '--logs')).toContain('the counter was 0 and is 1');
    expect(await release.helm('test', '--timeout', '90s', '--logs')).toContain('the counter was 1 and is 2');
  });

  it('runs the chaincode of a user', async () => {
    await namespace.kubectl('cp', kvRaw, 'ccl-endorser-0:/tmp/kv');
    await release.cli('chaincode', 'install', '-l', 'node', '-n', 'kv', '-v', '1.0', '-p', '/tmp/kv');
    const ctor = '{"Args":["init","a","100"]}';
    const target = ['-C', 'mychannel', '-n', 'kv', '-v', '1.0', '-c', ctor];
    await release.cli('chaincode', 'instantiate', ...target, '--waitForEvent');
    await release.invoke('kv', 'put', 'a', '90');
    expect(await release.query('kv', 'get', 'a')).toBe('90');
  });

  it('keeps chaincode running and answering while an upgrade replaces the operators', async () => {
    const uids = async (): Promise<string[]> =>
      (await namespace.standingPods()).map(({ metadata }) => metadata.uid).sort();
    const before = await uids();
    const oldOperators = (await operators()).map(({ metadata }) => metadata.uid);
    const upgraded = new AbortController();
    const answers: string[] = [];
    const asking = (async (): Promise<void> => {
      while (!upgraded.signal.aborted) answers.push(await release.query('kv', 'get', 'a'));
    })();
    await release.upgrade({ operator: { workers: 4 } });
    upgraded.abort();
    await asking;
    expect(new Set(answers)).toEqual(new Set(['90']));
    const newOperators = (await operators()).map(({ metadata }) => metadata.uid);
    expect(newOperators.filter((uid) => oldOperators.includes(uid))).toEqual([]);
    expect(await uids()).toEqual(before);
    expect(before).toHaveLength(2);
  });

  it('keeps the ledger when an upgrade restarts the endorser, and launches the chaincode anew', async () => {
    const [old] = await namespace.standingPods('kv');
    await release.upgrade({ operator: { workers: 4 }, endorser: { logSpec: 'info:deliver=debug' } });
    expect(await release.query('kv', 'get', 'a')).toBe('90');
    const pods = await namespace.standingPods('kv');
    expect(pods).toHaveLength(1);
    expect(pods[0]!.metadata.uid).not.toBe(old!.metadata.uid);
  });

  it('goes back to what it was', async () => {
    await release.helm('rollback', '1', '--wait', '--timeout', '120s');
    const [operator] = await operators();
    expect(operator!.spec.containers[0].args).toContain('--workers=8');
    expect(await release.query('kv', 'get', 'a')).toBe('90');
    expect(await release.helm('test', '--timeout', '90s', '--logs')).toContain('the counter was 2 and is 3');
  });

  it('gives endorser and operator the rights that they need, and no more', async () => {
    expect(await rights('ccl-endorser')).toEqual([
      'chaincodelaunches.chaincode-launcher.dev [] [get list watch create patch]',
      'chaincodelaunches.chaincode-launcher.dev/status [] [patch]',
      'secrets [ccl-client] [patch]',
      'statefulsets.apps [ccl-endorser] [get]',
    ]);
    expect(await rights('ccl-operator')).toEqual([
      'chaincodelaunches.chaincode-launcher.dev [] [get list watch delete]',
      'chaincodelaunches.chaincode-launcher.dev/status [] [patch]',
      'deployments.apps [ccl-operator] [get]',
      'events [] [create patch]',
      'leases.coordination.k8s.io [] [create]',
      'leases.coordination.k8s.io [chaincode-launcher] [get update]',
      'networkpolicies.networking.k8s.io [] [create patch]',
      'pods [] [get list watch create patch delete]',
      'pods/log [] [get]',
      'pods/status [] [patch]',
    ]);
  });

  /** What a service account may do beyond what everybody may, as `auth can-i --list` tells it. */
  async function rights(account: string): Promise<string[]> {
    const as = `--as=system:serviceaccount:${namespace.name}:${account}`;
    const text = await namespace.kubectl('auth', 'can-i', '--list', '--no-headers', as);
    return text
      .split('\n')
      .map((line) => /^(\S+)\s+\[[^\]]*\]\s+(\[[^\]]*\])\s+(\[[^\]]*\])$/.exec(line.trim()))
      .flatMap((found) => (found ? [`${found[1]} ${found[2]} ${found[3]}`] : []))
      .filter((line) => !line.startsWith('self'))
      .sort();
  }

  it('lets chaincode reach the endorser’s Pod and DNS, and nothing else', async () => {
    const managed = ['-l', 'app.kubernetes.io/managed-by=chaincode-launcher'];
    const [policy] = await namespace.list('networkpolicies', ...managed);
    const [endorser] = await namespace.list('pods', '-l', 'app.kubernetes.io/component=endorser');
    const rules: { to?: { podSelector: { matchLabels: object } }[]; ports: { port: number }[] }[] =
      policy!.spec.egress;
    expect(rules.map(({ ports }) => ports.map(({ port }) => port))).toEqual([[7052], [7055], [53, 53]]);
    for (const { to } of rules.slice(0, 2)) {
      expect(endorser!.metadata.labels).toMatchObject(to![0]!.podSelector.matchLabels);
    }
  });

  it('has no secret in any object but the one for clients', async () => {
    const text = await namespace.kubectl('get', 'chaincodelaunches,pods,configmaps,events', '-o', 'yaml');
    expect(text).not.toContain('PRIVATE KEY');
    const secrets = await namespace.list('secrets');
    const names = secrets.map(({ metadata }) => metadata.name).filter((name) => !name.startsWith('sh.helm.'));
    expect(names).toEqual(['ccl-client']);
  });

  it('leaves nothing but its volume when it is uninstalled', async () => {
    await release.uninstall();
    await namespace.until('everything is gone', async () => (await left()).length === 0, 60_000);
    expect(await left()).toEqual([]);
    expect(await namespace.list('persistentvolumeclaims')).toHaveLength(1);
    expect((await tryKubectl('get', 'crd', 'chaincodelaunches.chaincode-launcher.dev')).code).toBe(0);
  });

  /** All objects of the namespace but what Kubernetes puts into each, events, and claims. */
  async function left(): Promise<string[]> {
    const kinds = (await namespace.kubectl('api-resources', '--namespaced', '--verbs=list', '-o', 'name'))
      .split('\n')
      .filter((kind) => !/^(events|persistentvolumeclaims|bindings)/.test(kind));
    const text = await namespace.kubectl('get', kinds.join(','), '-o', 'name', '--ignore-not-found');
    return text
      .split('\n')
      .filter(
        (name) => name !== '' && !/^(configmap\/kube-root-ca\.crt|serviceaccount\/default)$/.test(name),
      );
  }

  it('finds its ledger again when it is installed on the same volume, which goes with it on request', async () => {
    await release.install({ endorser: { persistence: { whenDeleted: 'Delete' } } });
    expect(await release.query('kv', 'get', 'a')).toBe('90');
    await release.uninstall();
    await namespace.until(
      'the claim is gone',
      async () => (await namespace.list('persistentvolumeclaims')).length === 0,
    );
    await namespace.until('everything is gone', async () => (await left()).length === 0, 60_000);
  });
});
