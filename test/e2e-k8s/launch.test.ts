import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubectl, Namespace, tryKubectl } from './support/kubectl.js';
import { manifest } from './support/manifests.js';
import { K8sNetwork, kvRaw } from './support/network.js';
import { apply } from './support/kubectl.js';

describe('chaincode in Pods', () => {
  const namespace = new Namespace('launch');
  const network = new K8sNetwork(namespace);

  beforeAll(async () => {
    await namespace.create();
    apply(namespace.name, [...manifest('operator.yaml')]);
    await namespace.kubectl('rollout', 'status', 'deployment/chaincode-launcher-operator', '--timeout=60s');
    await network.start();
  }, 120_000);

  afterAll(async () => {
    await network.remove();
    await namespace.remove();
  }, 120_000);

  it('is built in a Pod, started in another one, and answers', async () => {
    await network.install('kv', kvRaw);
    const { code, stderr } = await network.instantiate('kv', ['init', 'a', '100']);
    expect(stderr).toContain('committed with status (VALID)');
    expect(code).toBe(0);
    await network.invoke('kv', 'put', 'a', '90');
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('90');
  }, 120_000);

  it('shows itself as a ChaincodeLaunch that kubectl can wait for', async () => {
    const table = await namespace.kubectl('get', 'ccl');
    expect(table.split('\n')[0]).toMatch(/^NAME +CHAINCODE +VERSION +PHASE +READY +POD +EXIT +AGE$/);
    expect(table.split('\n')[1]).toMatch(/^kv-1-0-\S+ +kv +1\.0 +Ready +True +kv-1-0-\S+ +\S+$/);
    const [launch] = await namespace.launches();
    const waited = await namespace.kubectl(
      ...['wait', '--for=condition=Ready', `chaincodelaunch/${launch!.metadata.name}`, '--timeout=5s'],
    );
    expect(waited).toContain('condition met');
    const told = await namespace.kubectl('describe', 'chaincodelaunch', launch!.metadata.name);
    for (const text of ['PodCreated', 'Registered', 'BuildStarted', 'Pod Created:'])
      expect(told).toContain(text);
  });

  it('says which transaction of which channel asked for it', async () => {
    const [launch] = await namespace.launches();
    expect(launch!.spec.peer).toMatchObject({
      id: 'peer0.org1.example.com',
      mspID: 'Org1MSP',
      channel: 'mychannel',
    });
    expect(launch!.spec.peer.transaction).toMatch(/^[0-9a-f]{64}$/);
    const [pod] = await namespace.standingPods('kv');
    expect(pod!.metadata.annotations).toMatchObject({
      'chaincode-launcher.dev/channel': 'mychannel',
      'chaincode-launcher.dev/transaction': launch!.spec.peer.transaction,
    });
  });

  it.each([
    [{ chaincode: { name: 'other' } }, 'name and version cannot be changed: make another ChaincodeLaunch'],
    [{ peer: { mspID: 'Org2MSP' } }, 'id and mspID cannot be changed: a launch belongs to one endorser'],
    [{ launch: 0 }, 'launch can only be raised'],
    [{ source: { image: 'evil:1' } }, 'source.image and command change only with a new launch number'],
    [{ source: { package: 'md5:x' } }, 'spec.source.package in body should match'],
    [{ pod: { resources: { limits: { memory: '12 cats' } } } }, 'spec.pod.resources.limits.memory'],
  ])('is protected by its schema from %j', async (spec, text) => {
    const [launch] = await namespace.launches();
    const { code, stderr } = await namespace.try(
      ...['patch', 'ccl', launch!.metadata.name, '--type=merge', '-p', JSON.stringify({ spec })],
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining(text)]);
  });

  it('is explained by kubectl', async () => {
    expect(await kubectl('explain', 'chaincodelaunch.spec.timeouts.imagePullGraceSeconds')).toContain(
      'A failing image pull is retried for so long.',
    );
    expect(await namespace.kubectl('get', 'fabric', '-o', 'name')).toContain(
      'chaincodelaunch.chaincode-launcher.dev/kv-1-0-',
    );
  });

  it('opens the readiness gate of its Pod, so that the Pod is Ready', async () => {
    const [launch] = await namespace.launches();
    const pod = launch!.status.pod.name as string;
    await namespace.kubectl('wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=20s');
    const [, row] = (await namespace.kubectl('get', 'pod', pod, '-o', 'wide')).split('\n');
    expect(row).toMatch(/ 2\/2 +Running .* 1\/1$/);
    const conditions = (await namespace.list('pods', '--field-selector', `metadata.name=${pod}`))[0]!.status
      .conditions as { type: string; status: string; lastTransitionTime: string }[];
    const at = (type: string): string => conditions.find((each) => each.type === type)!.lastTransitionTime;
    expect(at('Ready') >= at('chaincode-launcher.dev/registered')).toBe(true);
  }, 30_000);

  it('runs as the restricted profile wants it, without token, service links or a writable root', async () => {
    const [pod] = await namespace.standingPods('kv');
    const chaincode = pod!.spec.containers.find(({ name }: { name: string }) => name === 'chaincode');
    expect(pod!.spec).toMatchObject({
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(chaincode.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(Object.keys(chaincode.resources.limits as object).sort()).toEqual(['cpu', 'memory']);
    const mounts = chaincode.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
    expect(mounts.some((path: string) => path.includes('serviceaccount') || path.includes('token'))).toBe(
      false,
    );
    expect(pod!.metadata.annotations).toMatchObject({
      'chaincode-launcher.dev/chaincode': 'kv',
      'chaincode-launcher.dev/msp-id': 'Org1MSP',
    });
  });

  it('keeps every key out of the cluster’s objects, logs and environments', async () => {
    const pod = (await namespace.standingPods('kv'))[0]!.metadata.name;
    const objects = await namespace.kubectl(
      ...['get', 'chaincodelaunches,pods,secrets,configmaps,events,networkpolicies,leases', '-o', 'yaml'],
    );
    const logs = await namespace.kubectl('logs', pod, '--all-containers');
    const env = await namespace.kubectl('exec', pod, '-c', 'chaincode', '--', 'env');
    const key = await namespace.kubectl(
      'exec',
      pod,
      '-c',
      'chaincode',
      '--',
      'cat',
      '/etc/hyperledger/fabric/client_pem.key',
    );
    expect(key).toContain('PRIVATE KEY');
    const secret = key.split('\n')[1]!;
    for (const text of [objects, logs, env]) {
      expect(text).not.toContain('PRIVATE KEY');
      expect(text).not.toContain(secret);
    }
    const kind = await namespace.kubectl(
      'exec',
      pod,
      '-c',
      'chaincode',
      '--',
      'stat',
      '-f',
      '-c',
      '%T',
      '/etc/hyperledger/fabric',
    );
    expect(kind).toBe('tmpfs');
    expect(await namespace.list('secrets')).toEqual([]);
  }, 30_000);

  it('is bounded by a NetworkPolicy of its endorser', async () => {
    const [policy, ...more] = await namespace.list(
      'networkpolicies',
      '-l',
      'app.kubernetes.io/managed-by=chaincode-launcher',
    );
    expect(more).toEqual([]);
    expect(policy!.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    const port = Number(network.description.peer.chaincode.split(':')[1]);
    const ports = policy!.spec.egress.flatMap((rule: { ports: { port: number }[] }) =>
      rule.ports.map((each) => each.port),
    );
    expect(ports).toContain(port);
    expect(ports).toContain(53);
    expect(ports).toHaveLength(4);
  });

  it('gives operator and endorser the smallest roles', async () => {
    const may = async (account: string, verb: string, what: string): Promise<string> => {
      const user = `system:serviceaccount:${namespace.name}:chaincode-launcher-${account}`;
      const [resource, subresource] = what.split('/');
      const part = subresource === undefined ? [] : [`--subresource=${subresource}`];
      return (await tryKubectl('auth', 'can-i', verb, resource!, ...part, '-n', namespace.name, '--as', user))
        .stdout;
    };
    expect(await may('endorser', 'create', 'chaincodelaunches')).toBe('yes');
    expect(await may('endorser', 'patch', 'chaincodelaunches/status')).toBe('yes');
    for (const [verb, what] of [
      ['create', 'pods'],
      ['get', 'pods'],
      ['get', 'pods/log'],
      ['get', 'secrets'],
      ['delete', 'chaincodelaunches'],
      ['create', 'pods/exec'],
    ] as const) {
      expect([verb, what, await may('endorser', verb, what)]).toEqual([verb, what, 'no']);
    }
    expect(await may('operator', 'create', 'pods')).toBe('yes');
    for (const [verb, what] of [
      ['create', 'chaincodelaunches'],
      ['patch', 'chaincodelaunches'],
      ['get', 'secrets'],
      ['create', 'pods/exec'],
      ['update', 'pods'],
      ['delete', 'networkpolicies'],
    ] as const) {
      expect([verb, what, await may('operator', verb, what)]).toEqual([verb, what, 'no']);
    }
    const all = await kubectl(
      ...[
        'auth',
        'can-i',
        '--list',
        '-n',
        namespace.name,
        '--as',
        `system:serviceaccount:${namespace.name}:chaincode-launcher-endorser`,
      ],
    );
    const own = all
      .split('\n')
      .filter((line) => /chaincode-launcher\.dev/.test(line))
      .sort();
    expect(own.map((line) => line.replace(/ +/g, ' ').trim())).toEqual([
      'chaincodelaunches.chaincode-launcher.dev [] [] [get list watch create patch]',
      'chaincodelaunches.chaincode-launcher.dev/status [] [] [patch]',
    ]);
  }, 60_000);

  it('is started from the kept build after its Pod was deleted, once for twenty queries', async () => {
    const [before] = await namespace.standingPods('kv');
    await namespace.kubectl('delete', 'pod', before!.metadata.name, '--grace-period=0', '--force');
    const answers = await Promise.all(Array.from({ length: 20 }, () => network.query('kv', 'get', 'a')));
    const wrong = answers.filter(({ stdout }) => stdout !== '90');
    // A query that the old chaincode was just answering is told so; all others are answered by the new one.
    for (const { stderr } of wrong)
      expect(stderr).toMatch(/chaincode stream terminated|transaction returned with failure/);
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('90');
    const pods = await namespace.standingPods('kv');
    expect(pods).toHaveLength(1);
    expect(pods[0]!.metadata.uid).not.toBe(before!.metadata.uid);
    expect(await namespace.list('pods', '-l', 'chaincode-launcher.dev/role=build')).toEqual([]);
  }, 120_000);

  it('is launched anew after its ChaincodeLaunch was deleted', async () => {
    const [before] = await namespace.standingPods('kv');
    await namespace.kubectl('delete', 'chaincodelaunches', '--all', '--wait=true', '--timeout=20s');
    await namespace.until('the Pod is gone', async () => {
      const pods = await namespace.chaincodePods('kv');
      return pods.every(({ metadata }) => metadata.uid !== before!.metadata.uid);
    });
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('90');
    expect(await namespace.standingPods('kv')).toHaveLength(1);
  }, 60_000);

  it('answers from the new version after an upgrade, and ends the old one', async () => {
    await network.install('kv', kvRaw, '2.0');
    await network.upgrade('kv', '2.0', ['init', 'a', '70']);
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('70');
    await namespace.until('the old version has ended', async () => {
      const versions = (await namespace.standingPods('kv')).map(
        ({ metadata }) => metadata.annotations!['chaincode-launcher.dev/chaincode-version'],
      );
      return versions.join() === '2.0';
    });
    const phases = async (): Promise<string[]> => {
      const launches = await namespace.launches();
      return launches.map(({ spec, status }) => `${spec.chaincode.version} is ${status.phase}`).sort();
    };
    await expect.poll(phases, { timeout: 10_000 }).toEqual(['1.0 is Stopped', '2.0 is Ready']);
  }, 120_000);

  it('is replaced after the endorser was killed and started again: its certificates are worthless', async () => {
    const [before] = await namespace.standingPods('kv');
    await network.stop('SIGKILL');
    await network.start();
    await namespace.until('the old Pod has ended', async () => {
      const pods = await namespace.chaincodePods('kv');
      return pods.every(({ metadata }) => metadata.uid !== before!.metadata.uid);
    });
    expect((await network.query('kv', 'get', 'a')).stdout).toBe('70');
    expect(await namespace.standingPods('kv')).toHaveLength(1);
  }, 90_000);

  it('ends with its endorser, and leaves objects that tell of it', async () => {
    await network.stop();
    await namespace.until(
      'no Pod of chaincode is left',
      async () => (await namespace.chaincodePods()).length === 0,
    );
    const phases = new Set((await namespace.launches()).map(({ status }) => status.phase as string));
    expect([...phases]).toEqual(['Stopped']);
    const pruned = await network.ok('launches', 'prune', '-n', namespace.name);
    expect(pruned.split('\n')).toHaveLength(2);
    expect(await namespace.launches()).toEqual([]);
    await namespace.until(
      'the policy went with its last launch',
      async () =>
        (await namespace.list('networkpolicies', '-l', 'app.kubernetes.io/managed-by=chaincode-launcher'))
          .length === 0,
    );
  }, 60_000);
});
