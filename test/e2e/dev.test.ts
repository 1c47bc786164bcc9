import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DevNetwork } from '../support/devNetwork.js';
import { eventually } from '../support/eventually.js';

const kvRaw = resolve(import.meta.dirname, '../../samples/kv-raw');
const target = ['-C', 'mychannel', '-n', 'kv'];
const ctor = (...args: string[]): string[] => ['-c', JSON.stringify({ Args: args })];

describe('dev, with chaincode on it', () => {
  const network = new DevNetwork();

  beforeAll(async () => {
    await network.start();
    await network.deploy('kv', kvRaw, ['init', 'a', '100']);
  }, 120_000);

  afterAll(() => network.remove());

  const value = async (): Promise<string> => (await network.query('kv', 'get', 'a')).stdout;

  it('commits what is invoked', async () => {
    await network.ok('chaincode', 'invoke', ...target, ...ctor('put', 'a', '90'), '--waitForEvent');
    expect(await value()).toBe('90');
  });

  it('ends with 0 and without any chaincode when it is told to', async () => {
    expect(network.chaincodeProcesses()).toHaveLength(1);
    expect(await network.stop('SIGTERM')).toBe(0);
    expect(network.chaincodeProcesses()).toEqual([]);
  });

  it('comes back with its ledger, and launches the chaincode at the next query', async () => {
    await network.start();
    expect(network.chaincodeProcesses()).toEqual([]);
    expect(await value()).toBe('90');
    expect(network.chaincodeProcesses()).toHaveLength(1);
  }, 60_000);

  it('leaves no chaincode behind when it is killed, and starts again', async () => {
    await network.stop('SIGKILL');
    await eventually('the chaincode is gone', () => network.chaincodeProcesses().length === 0);
    await network.start();
    expect(await value()).toBe('90');
  }, 60_000);

  it('launches killed chaincode anew at the next call', async () => {
    const [before] = network.chaincodeProcesses();
    if (before) process.kill(before.pid, 'SIGKILL');
    await eventually('the chaincode is gone', () => network.chaincodeProcesses().length === 0);
    expect(await value()).toBe('90');
    expect(network.chaincodeProcesses().map(({ pid }) => pid)).not.toContain(before?.pid);
  });

  it('stops the old version once an upgrade is committed', async () => {
    await network.ok('chaincode', 'install', '-l', 'node', '-n', 'kv', '-v', '2.0', '-p', kvRaw);
    const [old] = network.chaincodeProcesses();
    await network.ok('chaincode', 'upgrade', ...target, '-v', '2.0', ...ctor('init'), '--waitForEvent');
    await eventually('only one version runs', () => network.chaincodeProcesses().length === 1);
    expect(network.chaincodeProcesses().map(({ pid }) => pid)).not.toContain(old?.pid);
    expect((await network.query('kv', 'version')).stdout).toBe('2.0');
  }, 60_000);

  it('stops while a query is being answered', async () => {
    const answered = network.query('kv', 'sleep', '20000');
    await new Promise((done) => setTimeout(done, 1500));
    expect(await network.stop('SIGTERM')).toBe(0);
    expect((await answered).code).toBe(1);
    expect(network.chaincodeProcesses()).toEqual([]);
  }, 60_000);
});
