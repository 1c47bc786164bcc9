import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { commitBlock, genesisBlock, simulate } from '../../test/support/ledgerChain.js';
import { LedgerProvider } from './ledgerProvider.js';

let dir: string;
let provider: LedgerProvider;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ledger-'));
  provider = await LedgerProvider.open(dir);
});

afterEach(async () => {
  await provider.close();
  await rm(dir, { recursive: true, force: true });
});

it('creates a channel once', async () => {
  await provider.create(genesisBlock('ch'));

  await expect(provider.create(genesisBlock('ch'))).rejects.toThrow('LedgerID already exists');
});

it('lets one of two creations of the same channel win', async () => {
  const both = await Promise.allSettled([
    provider.create(genesisBlock('ch')),
    provider.create(genesisBlock('ch')),
  ]);

  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await provider.list()).toEqual(['ch']);
});

it('opens after a restart what was committed before', async () => {
  const before = await provider.create(genesisBlock('ch'));
  await commitBlock(before, await simulate(before, 't1', (tx) => tx.setState('cc', 'k', Buffer.from('v'))));
  await provider.close();
  provider = await LedgerProvider.open(dir);

  const [ledger] = await provider.openAll();

  expect(ledger!.height).toBe(2);
  expect(ledger!.hasTransaction('t1')).toBe(true);
  const reader = ledger!.newQueryExecutor();
  expect(Buffer.from(reader.getState('cc', 'k')!).toString()).toBe('v');
  reader.done();
});

it('removes what a crash left of a creation, but no channel of a similar name', async () => {
  await provider.create(genesisBlock('x.creating'));
  await provider.close();
  await mkdir(join(dir, '+creating-half'));

  provider = await LedgerProvider.open(dir);

  expect(await provider.list()).toEqual(['x.creating']);
});

it.each(['', '..', '../up', 'a/b', '+creating-a'])(
  'makes no folder of the channel name "%s"',
  async (name) => {
    await expect(provider.create(genesisBlock(name))).rejects.toThrow(`invalid channel name: ${name}`);
  },
);

it('refuses a block that does not follow the last one', async () => {
  const ledger = await provider.create(genesisBlock('ch'));
  const again = genesisBlock('ch');

  await expect(ledger.commit({ block: again, codes: new Uint8Array(1) })).rejects.toThrow(
    'block number should have been 1 but was 0',
  );
  again.getHeader()!.setNumber(1);
  await expect(ledger.commit({ block: again, codes: new Uint8Array(1) })).rejects.toThrow(
    'unexpected previous block hash in block 1',
  );
});

it('finds a repeated txid at its first occurrence, and says what it does not have', async () => {
  const ledger = await provider.create(genesisBlock('ch'));
  const transaction = await simulate(ledger, 't1', (tx) => tx.setState('cc', 'k', Buffer.from('v')));
  await commitBlock(ledger, transaction);
  await commitBlock(ledger, transaction);

  expect(ledger.getBlockByTxId('t1').getHeader()!.getNumber()).toBe(1);
  expect(() => ledger.getTransactionById('t2')).toThrow('Entry not found in index');
  expect(() => ledger.getBlockByNumber(3)).toThrow('Entry not found in index');
});

it('wakes who waits for a block, and ends the waiting when aborted or closed', async () => {
  const ledger = await provider.create(genesisBlock('ch'));
  const abort = new AbortController();
  const woken = ledger.waitForBlock(1);
  const aborted = expect(ledger.waitForBlock(2, abort.signal)).rejects.toThrow();
  const closed = expect(ledger.waitForBlock(2)).rejects.toThrow('the ledger of channel ch is closed');
  await commitBlock(ledger, await simulate(ledger, 't', (tx) => tx.setState('cc', 'k', Buffer.from('v'))));
  await woken;
  abort.abort();
  await aborted;
  await ledger.close();
  await closed;
});

it('closes under simulations that were never ended', async () => {
  const ledger = await provider.create(genesisBlock('ch'));
  const simulator = ledger.newTxSimulator('t');
  const results = simulator.getStateRange('cc', '', '');
  await results.next();

  await ledger.close();

  simulator.done();
});

it('counts what it commits', async () => {
  const registry = new Registry();
  await provider.close();
  provider = await LedgerProvider.open(dir, { metrics: registry });
  const ledger = await provider.create(genesisBlock('ch'));
  await commitBlock(ledger, await simulate(ledger, 't', (tx) => tx.setState('cc', 'k', Buffer.from('v'))));

  const text = await registry.metrics();
  expect(text).toContain('ledger_blockchain_height{channel="ch"} 2');
  expect(text).toContain(
    'ledger_transaction_count{channel="ch",transaction_type="ENDORSER_TRANSACTION",chaincode="unknown",validation_code="VALID"} 1',
  );
  for (const name of [
    'ledger_block_processing_time',
    'ledger_blockstorage_and_pvtdata_commit_time',
    'ledger_blockstorage_commit_time',
    'ledger_statedb_commit_time',
  ]) {
    expect(text).toContain(`${name}_count{channel="ch"} 1`);
  }
});
