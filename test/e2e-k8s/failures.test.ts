import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Namespace } from './support/kubectl.js';
import { apply } from './support/kubectl.js';
import { K8sNetwork, kvRaw } from './support/network.js';
import { OperatorProcess } from './support/operator.js';

describe('chaincode that does not start in a Pod', () => {
  const namespace = new Namespace('failures');
  const operator = new OperatorProcess(namespace.name);
  const network = new K8sNetwork(namespace, {
    kubernetes: {
      images: { wrongimage: 'localhost/no-such-image:1', badimage: 'localhost/Not A Name:1' },
      pods: {
        hungry: { resources: { limits: { memory: '64Mi' }, requests: { memory: '64Mi' } } },
        huge: { resources: { requests: { memory: '900Gi' } } },
      },
      timeouts: { imagePullGrace: '5s', schedule: '6s' },
    },
    chaincode: { startuptimeout: '20s' },
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

  /** Installs and instantiates a chaincode whose program is `code`; it must fail. Gives what the client is told. */
  async function failure(name: string, code: string): Promise<string> {
    await network.install(name, network.makePackage(name, code));
    const { code: exit, stderr } = await network.instantiate(name);
    expect(exit).toBe(1);
    expect(stderr).toContain(
      'Error: could not assemble transaction, err proposal response was not successful, error code 500, msg ',
    );
    return stderr;
  }

  async function expectGone(name: string): Promise<void> {
    await namespace.until('no Pod is left', async () => (await namespace.chaincodePods(name)).length === 0);
  }

  const statusOf = async (name: string) => (await namespace.launchOf(name)).status;

  it.each([
    [0, `console.log('giving up'); process.exit(0)`],
    [1, `console.error('giving up'); process.exit(1)`],
    [137, `console.log('giving up'); setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50)`],
  ])('and exits with %i is reported at once, with its code and its last lines', async (exit, code) => {
    const begin = Date.now();
    const text = await failure(`exits${exit}`, code);
    expect(text).toContain(`msg chaincode registration failed: container exited with ${exit}`);
    expect(text).toContain('giving up');
    expect(Date.now() - begin).toBeLessThan(18_000);
    const status = await statusOf(`exits${exit}`);
    expect(status).toMatchObject({ phase: 'Failed', reason: 'ContainerExited', exit: { code: exit } });
    expect(status.exit.lastLines).toContain('giving up');
    const stalled = status.conditions.find(({ type }: { type: string }) => type === 'Stalled');
    expect(stalled).toMatchObject({ status: 'True', reason: 'ContainerExited' });
    await expectGone(`exits${exit}`);
  });

  it('and eats all its memory is reported as OOMKilled', async () => {
    const text = await failure(
      'hungry',
      `const all = []; setInterval(() => all.push(Buffer.alloc(20e6, 1)), 10)`,
    );
    expect(text).toContain('msg chaincode registration failed: container exited with 137');
    expect(text).toContain('OOMKilled');
    expect(await statusOf('hungry')).toMatchObject({
      reason: 'OOMKilled',
      exit: { code: 137, reason: 'OOMKilled' },
    });
    expect(await network.ok('launches', 'explain', 'hungry', '-n', namespace.name)).toContain(
      'limits.memory',
    );
    await expectGone('hungry');
  });

  it('and never registers is ended by the startup timeout', async () => {
    const text = await failure('silent', `console.log('waiting'); setInterval(() => {}, 1000)`);
    expect(text).toContain('msg timeout expired while starting chaincode silent:1.0 for transaction');
    expect(text).toContain('the chaincode runs and has not registered yet');
    expect(await statusOf('silent')).toMatchObject({ phase: 'Failed', reason: 'GivenUp' });
    await expectGone('silent');
  });

  it('and whose image is not there fails within the grace, with the image and the kubelet’s reason', async () => {
    const begin = Date.now();
    const text = await failure('wrongimage', `setInterval(() => {}, 1000)`);
    expect(text).toMatch(
      /msg error starting container: error starting container: (ImagePullBackOff|ErrImagePull): /,
    );
    expect(text).toContain('localhost/no-such-image:1');
    expect(Date.now() - begin).toBeLessThan(18_000);
    await expectGone('wrongimage');
  });

  it('and whose image is no image name fails at once', async () => {
    const text = await failure('badimage', `setInterval(() => {}, 1000)`);
    expect(text).toContain('msg error starting container: error starting container: InvalidImageName: ');
    await expectGone('badimage');
  });

  it('and finds no node is told why there is none', async () => {
    const text = await failure('huge', `setInterval(() => {}, 1000)`);
    expect(text).toContain('msg error starting container: error starting container: Timeout: ');
    expect(text).toMatch(/0\/1 nodes are available: 1 Insufficient memory/);
    await expectGone('huge');
  });

  it('and whose build fails is reported with the build’s output, as Fabric words it', async () => {
    const path = network.makePackage('unbuildable', '');
    const { code, stderr } = await (async () => {
      const broken = new K8sNetwork(namespace, {
        kubernetes: { node: { buildCommand: 'echo compiling; echo no such header >&2; exit 7' } },
      });
      try {
        await broken.start();
        await broken.install('unbuildable', path);
        return await broken.instantiate('unbuildable');
      } finally {
        await broken.remove();
      }
    })();
    expect(code).toBe(1);
    expect(stderr).toContain(
      'msg error starting container: error starting container: Failed to generate platform-specific docker build: Error returned from build: 7 "compiling\nno such header"',
    );
    await namespace.until('the build Pod is gone', async () => (await namespace.list('pods')).length === 0);
  });

  it('and is forbidden by a quota waits, and fails with the quota’s words', async () => {
    apply(namespace.name, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'no-pods' },
      spec: { hard: { pods: '0' } },
    });
    await namespace.until('the quota counts', async () => {
      const [quota] = await namespace.list('resourcequotas');
      return quota?.status?.hard?.pods === '0';
    });
    const text = await failure('quota', `setInterval(() => {}, 1000)`);
    expect(text).toContain('exceeded quota: no-pods');
    await namespace.kubectl('delete', 'resourcequota', 'no-pods');
  });

  it('and would break the namespace’s Pod Security fails at once, with the rule’s words', async () => {
    const careless = new K8sNetwork(namespace, {
      kubernetes: { pod: { template: { spec: { hostNetwork: true } } } },
    });
    try {
      await careless.start();
      await careless.install('careless', careless.makePackage('careless', ''));
      const { stderr } = await careless.instantiate('careless');
      expect(stderr).toContain('msg error starting container: error starting container: PodSecurity: ');
      expect(stderr).toContain(
        'violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true)',
      );
    } finally {
      await careless.remove();
    }
  });

  it('leaves an endorser that launches the next one, and the failed one again', async () => {
    await network.install('good', kvRaw);
    const { code } = await network.instantiate('good', ['init', 'a', '100']);
    expect(code).toBe(0);
    expect((await network.query('good', 'get', 'a')).stdout).toBe('100');
    const again = await network.instantiate('exits1');
    expect(again.stderr).toContain('container exited with 1');
    expect((await namespace.launchOf('exits1')).spec.launch).toBe(2);
  });

  it('and runs out of memory in use is told so, and launched by the next call', async () => {
    const [pod] = await namespace.standingPods('good');
    await namespace.kubectl(
      'exec',
      pod!.metadata.name,
      '-c',
      'chaincode',
      '--',
      'sh',
      '-c',
      'kill -9 $(pidof node)',
    );
    await namespace.until('its end is told', async () => (await statusOf('good')).phase === 'Stopped');
    expect(await statusOf('good')).toMatchObject({ exit: { code: 137, signal: 'SIGKILL' } });
    expect((await network.query('good', 'get', 'a')).stdout).toBe('100');
    expect(await namespace.standingPods('good')).toHaveLength(1);
  });

  it('and is given up while no operator runs is not started when one comes', async () => {
    await operator.stop();
    const { stderr } = await network.instantiate('exits1');
    expect(stderr).toContain('no operator has taken up chaincodelaunch');
    await operator.start();
    await namespace.until('it is told to be over', async () => (await statusOf('exits1')).attempt === 3);
    expect(await statusOf('exits1')).toMatchObject({ phase: 'Stopped', reason: 'Suspended' });
    expect((await statusOf('exits1')).pod).toBeUndefined();
  }, 90_000);
});
