import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { commitBlock, genesisBlock, simulate } from '../../test/support/ledgerChain.js';
import { LedgerProvider } from './ledgerProvider.js';
import type { KeyValue, PeerLedger, ResultsIterator, TxSimulator } from './types.js';

const valid = 0;
const mvccConflict = 11;
const phantom = 12;

let dir: string;
let provider: LedgerProvider;
let ledger: PeerLedger;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ledger-'));
  provider = await LedgerProvider.open(dir);
  ledger = await provider.create(genesisBlock('ch'));
});

afterEach(async () => {
  await provider.close();
  await rm(dir, { recursive: true, force: true });
});

const bytes = (text: string): Buffer => Buffer.from(text);

async function put(txId: string, entries: Record<string, string>): Promise<Uint8Array> {
  return simulate(ledger, txId, (tx) => {
    for (const [key, value] of Object.entries(entries)) tx.setState('cc', key, bytes(value));
  });
}

async function readAll(results: ResultsIterator<KeyValue>): Promise<string[]> {
  const keys: string[] = [];
  for (let one = await results.next(); one; one = await results.next()) keys.push(one.key);
  return keys;
}

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${String(i).padStart(4, '0')}`, 'v']));
}

it('reads the state as it was when the simulation began, while blocks commit', async () => {
  await commitBlock(ledger, await put('t1', { a: 'old', b: 'old' }));
  const simulator = ledger.newTxSimulator('t2');
  await commitBlock(ledger, await put('t3', { a: 'new', c: 'new' }));

  expect(Buffer.from(simulator.getState('cc', 'a')!).toString()).toBe('old');
  expect(await readAll(simulator.getStateRange('cc', '', ''))).toEqual(['a', 'b']);
  simulator.done();
});

it('does not read its own writes', () => {
  const simulator = ledger.newTxSimulator('t');
  simulator.setState('cc', 'a', bytes('1'));

  expect(simulator.getState('cc', 'a')).toBeUndefined();
  simulator.done();
});

it('takes no more calls after done, and a second done does nothing', () => {
  const simulator = ledger.newTxSimulator('t');
  simulator.done();
  simulator.done();

  const text = 'this instance should not be used after calling Done()';
  expect(() => simulator.getState('cc', 'a')).toThrow(text);
  expect(() => simulator.setState('cc', 'a', bytes('1'))).toThrow(text);
  expect(() => simulator.getStateRange('cc', '', '')).toThrow(text);
});

it('gives its results once', () => {
  const simulator = ledger.newTxSimulator('t');
  simulator.getTxSimulationResults();

  expect(() => simulator.getTxSimulationResults()).toThrow(
    'this function should only be called once on a transaction simulator instance',
  );
  simulator.done();
});

it.each<[string, (tx: TxSimulator) => void, string]>([
  [
    'a write after a page',
    (tx) => {
      tx.getStateRangeWithPagination('cc', '', '', 2);
      tx.setState('cc', 'a', bytes('1'));
    },
    'txid [t]: Transaction has already performed a paginated query. Writes are not allowed',
  ],
  [
    'a page after a write',
    (tx) => {
      tx.setState('cc', 'a', bytes('1'));
      tx.getStateRangeWithPagination('cc', '', '', 2);
    },
    'txid [t]: Paginated queries are supported only in a read-only transaction',
  ],
  ['a rich query', (tx) => tx.executeQuery('cc', '{}'), 'ExecuteQuery not supported for leveldb'],
])('refuses %s', (_name, run, text) => {
  const simulator = ledger.newTxSimulator('t');
  expect(() => run(simulator)).toThrow(text);
  simulator.done();
});

it('names the key after a page, and nothing after the last page', async () => {
  await commitBlock(ledger, await put('t1', { a: '1', b: '2', c: '3' }));
  const simulator = ledger.newTxSimulator('t2');

  const first = simulator.getStateRangeWithPagination('cc', '', '', 2);
  expect(await readAll(first)).toEqual(['a', 'b']);
  expect(first.bookmark()).toBe('c');
  const last = simulator.getStateRangeWithPagination('cc', 'c', '', 2);
  expect(await readAll(last)).toEqual(['c']);
  expect(last.bookmark()).toBe('');
  simulator.done();
});

it('reads a range of long values to its end', async () => {
  const long = 'x'.repeat(100_000);
  const entries = Object.fromEntries(Object.keys(numbered(40)).map((key) => [key, long]));
  await commitBlock(ledger, await put('t1', entries));
  const reader = ledger.newQueryExecutor();

  expect(await readAll(reader.getStateRange('cc', '', ''))).toEqual(Object.keys(entries));
  reader.done();
});

it('lets only the first of two transactions win that read and write the same key', async () => {
  const increment = (txId: string): Promise<Uint8Array> =>
    simulate(ledger, txId, (tx) => {
      tx.getState('cc', 'counter');
      tx.setState('cc', 'counter', bytes(txId));
    });
  const transactions = [await increment('t1'), await increment('t2')];

  expect(await commitBlock(ledger, ...transactions)).toEqual([valid, mvccConflict]);
});

// 20 stands as reads, 120 as hashes of 51 results, 2700 as a tree of two levels.
it.each([20, 120, 2700])(
  'finds a phantom in a range of %i keys, of a block before or of the same',
  async (count) => {
    await commitBlock(ledger, await put('load', numbered(count)));
    const scan = (txId: string): Promise<Uint8Array> =>
      simulate(ledger, txId, async (tx) => {
        await readAll(tx.getStateRange('cc', 'n', 'o'));
        tx.setState('cc', txId, bytes('1'));
      });
    const scans = [await scan('s1'), await scan('s2'), await scan('s3')];

    expect(await commitBlock(ledger, scans[0]!, await put('t1', { n0005x: 'new' }), scans[1]!)).toEqual([
      valid,
      valid,
      phantom,
    ]);
    expect(await commitBlock(ledger, scans[2]!)).toEqual([phantom]);
  },
);

it('minds only what was read of a range that was not read to its end', async () => {
  await commitBlock(ledger, await put('load', numbered(10)));
  const scan = (txId: string): Promise<Uint8Array> =>
    simulate(ledger, txId, async (tx) => {
      const results = tx.getStateRange('cc', 'n', 'o');
      await results.next();
      await results.next();
      tx.setState('cc', txId, bytes('1'));
    });
  const scans = [await scan('s1'), await scan('s2')];
  await commitBlock(ledger, await put('t1', { n0005: 'new' }));

  expect(await commitBlock(ledger, scans[0]!)).toEqual([valid]);
  await commitBlock(ledger, await put('t2', { n0000x: 'new' }));
  expect(await commitBlock(ledger, scans[1]!)).toEqual([phantom]);
});

it('gives a key that only got metadata a new version, and forgets metadata with a delete', async () => {
  await commitBlock(ledger, await put('t1', { a: '1' }));
  const policy = new Map([['VALIDATION_PARAMETER', bytes('p')]]);
  const reading = await simulate(ledger, 't2', (tx) => {
    tx.getState('cc', 'a');
    tx.setState('cc', 'b', bytes('1'));
  });
  await commitBlock(ledger, await simulate(ledger, 't3', (tx) => tx.setStateMetadata('cc', 'a', policy)));
  expect(await commitBlock(ledger, reading)).toEqual([mvccConflict]);

  const executor = ledger.newQueryExecutor();
  expect(Buffer.from(executor.getStateMetadata('cc', 'a')!.get('VALIDATION_PARAMETER')!).toString()).toBe(
    'p',
  );
  executor.done();
  const remove = await simulate(ledger, 't4', (tx) => tx.deleteState('cc', 'a'));
  await commitBlock(ledger, remove, await put('t5', { a: '2' }));
  const after = ledger.newQueryExecutor();
  expect(after.getStateMetadata('cc', 'a')).toBeUndefined();
  expect(Buffer.from(after.getState('cc', 'a')!).toString()).toBe('2');
  after.done();
});
