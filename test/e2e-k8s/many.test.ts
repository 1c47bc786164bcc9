import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Namespace } from './support/kubectl.js';
import { K8sNetwork, kvRaw } from './support/network.js';
import { OperatorProcess } from './support/operator.js';

const dnsLabel = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

describe('many chaincodes of two endorsers in one namespace', () => {
  const namespace = new Namespace('many');
  const operator = new OperatorProcess(namespace.name, ['--all-namespaces']);
  const first = new K8sNetwork(namespace);
  const second = new K8sNetwork(namespace);

  beforeAll(async () => {
    await namespace.create();
    await operator.start();
    await Promise.all([first.start(), second.start()]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([first.remove(), second.remove()]);
    await operator.stop();
    await namespace.remove();
  }, 120_000);

  it('each run their own chaincode of the same name', async () => {
    for (const [network, value] of [
      [first, '1'],
      [second, '2'],
    ] as const) {
      await network.install('kv', kvRaw);
      expect((await network.instantiate('kv', ['init', 'a', value])).code).toBe(0);
    }
    expect((await first.query('kv', 'get', 'a')).stdout).toBe('1');
    expect((await second.query('kv', 'get', 'a')).stdout).toBe('2');
    expect(await namespace.standingPods('kv')).toHaveLength(2);
  }, 120_000);

  it('do not touch each other’s launches when one of them restarts', async () => {
    const mine = first.description.peer.chaincode;
    const before = (await namespace.launches()).find(({ spec }) => spec.peer.address === mine)!;
    await second.stop('SIGKILL');
    await second.start();
    await namespace.until('the other one’s launch has ended', async () =>
      (await namespace.launches()).some(({ status }) => status.phase === 'Stopped'),
    );
    expect((await second.query('kv', 'get', 'a')).stdout).toBe('2');
    const after = (await namespace.launches()).find(({ metadata }) => metadata.uid === before.metadata.uid)!;
    expect(after.status).toMatchObject({ phase: 'Ready', attempt: 1, pod: before.status.pod });
  }, 90_000);

  it.each([
    ['MyCC', '1.0'],
    ['mycc', '1.0'],
    [`${'a'.repeat(80)}_b`, '1.0+rc.1'],
    ['A1_b-c', 'v_1.'],
    ['x', `1.${'0'.repeat(190)}`],
  ])(
    'run chaincode %s:%s under names that Kubernetes takes',
    async (name, version) => {
      await first.install(name, kvRaw, version);
      const { code, stderr } = await first.instantiate(name, ['init', 'a', name], version);
      expect([code, stderr]).toEqual([0, expect.stringContaining('VALID')]);
      expect((await first.query(name, 'get', 'a')).stdout).toBe(name);
      const launch = (await namespace.launches()).find(
        ({ spec }) => spec.chaincode.name === name && spec.chaincode.version === version,
      )!;
      const pod = (await namespace.chaincodePods()).find(
        (each) => each.metadata.name === launch.status.pod.name,
      )!;
      for (const object of [launch, pod]) {
        expect(object.metadata.name).toMatch(dnsLabel);
        for (const value of Object.values(object.metadata.labels!)) expect(value).toMatch(labelValue);
        expect(object.metadata.annotations).toMatchObject({
          'chaincode-launcher.dev/chaincode': name,
          'chaincode-launcher.dev/chaincode-version': version,
        });
      }
    },
    60_000,
  );

  it('launch ten at once, one Pod each', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `ten${i}`);
    for (const name of names) await first.install(name, kvRaw);
    const results = await Promise.all(names.map((name) => first.instantiate(name, ['init', 'a', name])));
    // Ten deploys in one block collide in nothing: all are valid.
    for (const { code, stderr } of results)
      expect([code, stderr]).toEqual([0, expect.stringContaining('VALID')]);
    const pods = (await namespace.standingPods()).filter(({ metadata }) =>
      /^ten\d$/.test(metadata.annotations!['chaincode-launcher.dev/chaincode'] ?? ''),
    );
    expect(pods).toHaveLength(10);
    for (const name of names) expect((await first.query(name, 'get', 'a')).stdout).toBe(name);
  }, 180_000);

  it.each([30, 95])(
    'take a package of %i MB, whose bytes arrive as they were',
    async (megabytes) => {
      const noise = randomBytes(megabytes * 1_000_000);
      const code = `
      const { createHash } = require('crypto');
      console.log('sha256 ' + createHash('sha256').update(require('fs').readFileSync('noise.bin')).digest('hex'));
      setTimeout(() => process.exit(3), 100);`;
      const name = `big${megabytes}`;
      await first.install(name, first.makePackage(name, code, { 'noise.bin': noise }));
      const { stderr } = await first.instantiate(name);
      expect(stderr).toContain('container exited with 3');
      expect(stderr).toContain(`sha256 ${createHash('sha256').update(noise).digest('hex')}`);
      const sizes = (await namespace.launches()).map((launch) => JSON.stringify(launch).length);
      expect(Math.max(...sizes)).toBeLessThan(100_000);
    },
    180_000,
  );
});
