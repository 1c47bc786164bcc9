import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listeningPeer } from '../../test/support/chaincodeListener.js';
import type { ListeningPeerOptions } from '../../test/support/chaincodeListener.js';
import { deploymentSpec, inputOf, transaction } from '../../test/support/chaincodePeer.js';
import { ChildProvider } from '../../test/support/childProvider.js';
import { FakeSimulator } from '../../test/support/fakeSimulator.js';
import { ensureShim, shimDir, shimNode, wantsShim14 } from '../../test/support/shims.js';
import type { ShimVersion } from '../../test/support/shims.js';
import type { ChaincodeResult } from './types.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const peer of open.splice(0)) await peer.close();
});

async function shimPeer(
  version: ShimVersion,
  options: ListeningPeerOptions = {},
  env: Record<string, string> = {},
) {
  const provider = new ChildProvider({ dir: shimDir(version), env, node: shimNode(version) });
  const peer = await listeningPeer({ ...options, provider });
  open.push(peer);
  const simulator = new FakeSimulator();
  const init = (name = 'mycc', ...args: string[]): Promise<ChaincodeResult> =>
    peer.support.executeLegacyInit(
      transaction(simulator),
      name,
      '1.0',
      deploymentSpec(name, '1.0', ...(args.length > 0 ? args : ['noop'])),
    );
  const call = (...args: string[]): Promise<ChaincodeResult> =>
    peer.support.execute(transaction(simulator), 'mycc', '1.0', inputOf(...args));
  const ask = async (...args: string[]): Promise<string> => {
    const { response } = await call(...args);
    if (response.getStatus() !== 200) return `${response.getStatus()}: ${response.getMessage()}`;
    return Buffer.from(response.getPayload_asU8()).toString();
  };
  return { ...peer, provider, simulator, init, call, ask };
}

const shims: { version: ShimVersion; tls: boolean }[] = [
  { version: 'node-2.5', tls: false },
  { version: 'node-2.5', tls: true },
  { version: 'node-1.4', tls: false },
  { version: 'node-1.4', tls: true },
];

const withShim14 = wantsShim14();

describe.each(shims.filter(({ version }) => version === 'node-2.5' || withShim14))(
  'chaincode on the shim $version (TLS: $tls)',
  ({ version, tls }) => {
    beforeAll(async () => ensureShim(version), 900_000);

    it('is launched, initialised and invoked; reads, writes and deletes', async () => {
      const { init, ask, simulator, journal, provider } = await shimPeer(version, { tls });
      const { response } = await init('mycc', 'put', 'a', '1');
      expect(response.getStatus()).toBe(200);
      expect(Buffer.from(simulator.getState('mycc', 'a')!).toString()).toBe('1');
      expect(await ask('get', 'a')).toBe('1');
      expect(await ask('get', 'nosuch')).toBe('');
      expect(await ask('getput', 'a', '2')).toBe('1');
      expect(await ask('parallel', 'a', 'a', 'b')).toBe('2,2,');
      expect(await ask('del', 'a')).toBe('');
      expect(simulator.getState('mycc', 'a')).toBeUndefined();
      expect(await ask('creator')).toBe('Org1MSP');
      expect(provider.starts).toHaveLength(1);
      const record = journal.get('mycc:1.0')!;
      expect(record.phase).toBe('Running');
      expect(record.steps.registered).toBeGreaterThanOrEqual(record.steps.started!);
    });

    it('reads a range of 250 keys, pages, and what it left open is closed', async () => {
      const { init, ask, simulator } = await shimPeer(version, { tls });
      await init();
      for (let i = 0; i < 250; i++)
        simulator.setState('mycc', `k${String(i).padStart(3, '0')}`, Buffer.from('v'));
      expect(await ask('range', '', '')).toBe('250 k000 k249');
      expect(await ask('range', 'k100', 'k110')).toBe('10 k100 k109');
      expect(await ask('page', '3', '')).toBe('k000,k001,k002 3 k003');
      expect(await ask('page', '3', 'k248')).toBe('k248,k249 2 ');
      expect(await ask('rangeopen', '', '')).toBe('left open');
      expect(await ask('history', 'k1')).toBe('closed');
      expect(simulator.iterators.every(({ closed }) => closed)).toBe(true);
    });

    it('calls another chaincode in the same transaction, and cannot call itself', async () => {
      const { init, ask: call, simulator } = await shimPeer(version, { tls });
      const ask = (...args: string[]): Promise<string> =>
        call(...args).catch((error: unknown) => (error as Error).message);
      await init();
      await init('other');
      expect(await ask('cc', 'other', 'put', 'x', '9')).toMatch(/^200 /);
      expect(Buffer.from(simulator.getState('other', 'x')!).toString()).toBe('9');
      expect(await ask('cc', 'mycc', 'noop')).toMatch(
        /INVOKE_CHAINCODE failed: transaction ID: \w{64}: execute failed: error sending: txid: \w{64}\(mychannel\) exists/,
      );
      expect(await ask('cc', 'nosuch', 'noop')).toMatch(/chaincode nosuch not found/);
      expect(await ask('cc', 'cscc', 'noop')).toMatch(
        /system chaincode cscc cannot be invoked with a cc2cc invocation/,
      );
    });

    it('serves many transactions at once, and 6 MiB in one answer', async () => {
      const { init, ask, simulator } = await shimPeer(version, { tls });
      await init();
      const answers = await Promise.all(
        Array.from({ length: 50 }, async (_, i) =>
          ask('getput', `k${i}`, `v${i}`).then(() => ask('get', `k${i}`)),
        ),
      );
      expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => `v${i}`));
      expect(simulator.state.size).toBe(50);
      expect((await ask('big', String(6 * 1024 * 1024))).length).toBe(6 * 1024 * 1024);
    });

    it('tells errors: its own, the state store’s and a rich query', async () => {
      const { init, call, ask } = await shimPeer(version, { tls });
      await init();
      const failed = call('fail', 'because').then(
        ({ response }) => `${response.getStatus()} ${response.getMessage()}`,
        (error: unknown) => (error as Error).message,
      );
      // 2.5 answers COMPLETED with status 500; 1.4 sends ERROR.
      expect(await failed).toBe(
        version === 'node-2.5' ? '500 because' : 'transaction returned with failure: because',
      );
      const query = await ask('query', '{}').catch((error: unknown) => (error as Error).message);
      expect(query).toMatch(
        /GET_QUERY_RESULT failed: transaction ID: \w{64}: ExecuteQuery not supported for leveldb/,
      );
    });

    it('that ends in a transaction is told so, and is launched again by the next call', async () => {
      const { init, ask, provider, journal } = await shimPeer(version, { tls });
      await init();
      await expect(ask('exit', '3')).rejects.toThrow(
        /^failed to execute transaction \w{64}: error sending: chaincode stream terminated$/,
      );
      expect(await ask('echo', 'again')).toBe('again');
      expect(provider.starts).toHaveLength(2);
      expect(journal.list().map(({ phase }) => phase)).toEqual(['Stopped', 'Running']);
      expect(journal.list()[0]?.exit).toEqual({ code: 3 });
    });

    it('of a version that is no longer used is stopped when it has answered', async () => {
      const { init, ask, support, registry, provider } = await shimPeer(version, { tls });
      await init();
      const last = ask('sleep', '300');
      await support.stopUnused('mycc', ['1.0']);
      expect(registry.names).toEqual(['mycc:1.0']);
      await support.stopUnused('mycc', ['2.0']);
      expect(await last).toBe('slept');
      expect(provider.pid({ name: 'mycc', version: '1.0' })).toBeUndefined();
      while (registry.names.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      expect(await ask('echo', 'called all the same')).toBe('called all the same');
    });

    it('that is killed lets the next call launch it again', async () => {
      const { init, ask, provider } = await shimPeer(version, { tls });
      await init();
      const running = ask('sleep', '5000');
      setTimeout(() => process.kill(provider.pid({ name: 'mycc', version: '1.0' })!, 'SIGKILL'), 200);
      await expect(running).rejects.toThrow('chaincode stream terminated');
      expect(await ask('echo', 'back')).toBe('back');
    });

    it('that throws in Invoke is ended by the execute timeout, and goes on', async () => {
      const { init, ask, metricsRegistry } = await shimPeer(version, { tls, executeTimeoutMs: 1500 });
      await init();
      await expect(ask('throw')).rejects.toThrow(
        /error sending: timeout expired while executing transaction$/,
      );
      expect(await ask('echo', 'on')).toBe('on');
      expect(await metricsRegistry.getSingleMetricAsString('chaincode_execute_timeouts')).toContain(
        'chaincode_execute_timeouts{chaincode="mycc:1.0"} 1',
      );
    });

    it('that exits before it registers fails the launch with its code and its last lines', async () => {
      const { init, registry, journal, provider, metricsRegistry } = await shimPeer(
        version,
        { tls },
        { TEST_EXIT: '7', TEST_PRINT: 'no database' },
      );
      const error = await init().catch((caught: unknown) => caught as Error);
      expect((error as Error).message).toMatch(
        /^chaincode registration failed: container exited with 7\n {2}steps: started \d+ ms, failed before registered at \d+ ms\n {2}last output:\n {2}\| no database$/,
      );
      expect(registry.names).toEqual([]);
      expect(journal.get('mycc')).toMatchObject({ phase: 'Failed', exit: { code: 7 } });
      expect(await metricsRegistry.getSingleMetricAsString('chaincode_launch_failures')).toContain(
        '"mycc:1.0"} 1',
      );
      delete provider.env['TEST_EXIT'];
      expect((await init()).response.getStatus()).toBe(200);
    });

    it('that never registers is stopped when the startup timeout expires', async () => {
      const { init, provider, journal, metricsRegistry } = await shimPeer(
        version,
        { tls, startupTimeoutMs: 1000 },
        { TEST_SILENT: '1' },
      );
      await expect(init()).rejects.toThrow(
        /^timeout expired while starting chaincode mycc:1\.0 for transaction\n {2}steps: started \d+ ms, failed before registered/,
      );
      expect(provider.pid({ name: 'mycc', version: '1.0' })).toBeUndefined();
      expect(journal.get('mycc')?.phase).toBe('Failed');
      expect(await metricsRegistry.getSingleMetricAsString('chaincode_launch_timeouts')).toContain(
        '"mycc:1.0"} 1',
      );
    });
  },
);
