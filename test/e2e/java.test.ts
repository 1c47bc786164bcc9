import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DevNetwork } from '../support/devNetwork.js';
import { eventually } from '../support/eventually.js';

const source = resolve(import.meta.dirname, '../chaincode/java');
const target = ['-C', 'mychannel', '-n', 'jkv'];
const ctor = (...args: string[]): string[] => ['-c', JSON.stringify({ Args: args })];

/** A JDK and Maven are needed: outside CI the suite runs only where they are, and says so. */
function wantsJava(): boolean {
  const there = ['javac', 'mvn'].every((program) => spawnSync(program, ['-version']).status === 0);
  if (there || process.env['CI']) return true;
  process.stderr.write('SKIPPED: Java chaincode: there is no JDK with Maven on the PATH\n');
  return false;
}

describe.runIf(wantsJava())('Java chaincode on the published shim', () => {
  const network = new DevNetwork();

  beforeAll(() => network.start(), 60_000);
  afterAll(() => network.remove());

  it('is built by Maven, started, and answers', async () => {
    await network.ok('chaincode', 'install', '-l', 'java', '-n', 'jkv', '-v', '1.0', '-p', source);
    await network.ok('chaincode', 'instantiate', ...target, '-v', '1.0', ...ctor('init'), '--waitForEvent');
    await network.ok('chaincode', 'invoke', ...target, ...ctor('put', 'a', '5'), '--waitForEvent');
    expect((await network.query('jkv', 'get', 'a')).stdout).toBe('5');
    expect((await network.query('jkv', 'nosuch')).stderr).toContain('unknown function nosuch');
  }, 300_000);

  it('ends with the peer', async () => {
    await network.stop();
    await eventually('no chaincode runs', () => network.chaincodeProcesses().length === 0);
  });
});
