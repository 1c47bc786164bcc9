import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containers, docker, engineScript, until } from './support/engine.js';
import { DockerNetwork, kvRaw } from './support/network.js';

/** A package whose build takes so long and then fails. */
const slowBuild = (seconds: number): Record<string, string> => ({
  'package.json': JSON.stringify({
    name: 'slow',
    version: '1.0.0',
    scripts: { preinstall: `sleep ${seconds}; exit 1`, start: 'node main.js' },
  }),
});

const running = (): Promise<string[]> => containers('status=running');

describe('a launch that is cut off', () => {
  const network = new DockerNetwork();

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.removeAll(), 60_000);

  it('by the end of the endorser leaves no builder behind', async () => {
    await network.install('slow', network.makePackage('slow', '', slowBuild(60)));
    const instantiating = network.instantiate('slow');
    await until('the builder runs', async () => (await running()).length === 1);
    const begin = Date.now();
    expect(await network.stop()).toBe(0);
    expect(Date.now() - begin).toBeLessThan(10_000);
    expect((await instantiating).code).toBe(1);
    expect(await containers()).toEqual([]);
    expect(network.leftFolders()).toEqual([]);
    await network.start();
  }, 60_000);

  it('by the death of the endorser leaves a builder that goes with the next build', async () => {
    const instantiating = network.instantiate('slow');
    await until('the builder runs', async () => (await running()).length === 1);
    await network.stop('SIGKILL');
    expect((await instantiating).code).toBe(1);
    expect(await containers()).toHaveLength(1);
    expect(network.leftFolders()).toHaveLength(1);
    await network.start();
    await network.install('kv', kvRaw);
    expect((await network.instantiate('kv', ['init', 'a', '1'])).code).toBe(0);
    expect(await containers()).toEqual([network.container('kv')]);
    expect(network.leftFolders()).toEqual([]);
  }, 60_000);

  it('by a restart of the engine that ends its container fails in one line, and the next attempt succeeds', async () => {
    await network.install('late', network.sampleThatWaits(20_000));
    const instantiating = network.instantiate('late', ['init', 'a', '7']);
    await until('it runs', async () => (await containers('status=running', 'name=late')).length === 1);
    // Its shell starts node; what it would do on SIGTERM in between is not asked here.
    await sleep(1_000);
    await engineScript('stop-daemon');
    await engineScript('start-daemon');
    const begin = Date.now();
    const { code, stderr } = await instantiating;
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/msg chaincode registration failed: container exited with \d+\n/),
    ]);
    expect(Date.now() - begin).toBeLessThan(10_000);
    await until('its container is removed', async () => (await containers('name=late')).length === 0);
    await docker('rmi', '-f', ...(await network.images()).filter((name) => name.includes('late')));
    await network.install('late', network.sampleThatWaits(0), '2.0');
    expect((await network.instantiate('late', ['init', 'a', '7'], '2.0')).code).toBe(0);
    expect((await network.query('late', 'get', 'a')).stdout).toBe('7');
  }, 60_000);
});
