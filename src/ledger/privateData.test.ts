import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collectionDefinition, commitBlock, genesisBlock, simulate } from '../../test/support/ledgerChain.js';
import { LedgerProvider } from './ledgerProvider.js';
import type { PeerLedger, QueryExecutor } from './types.js';

let dir: string;
let provider: LedgerProvider;
let ledger: PeerLedger;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ledger-'));
  provider = await LedgerProvider.open(dir);
  ledger = await provider.create(genesisBlock('ch'));
  await commitBlock(ledger, collectionDefinition('ch', 'cc', { forever: 0, brief: 2 }));
});

afterEach(async () => {
  await provider.close();
  await rm(dir, { recursive: true, force: true });
});

const bytes = (text: string): Buffer => Buffer.from(text);

function read<T>(look: (reader: QueryExecutor) => T): T {
  const reader = ledger.newTxSimulator('read');
  try {
    return look(reader);
  } finally {
    reader.done();
  }
}

function plain(collection: string, key: string): string | undefined {
  const value = read((reader) => reader.getPrivateData('cc', collection, key));
  return value && Buffer.from(value).toString();
}

async function put(txId: string, value: string, keepPrivateData = true): Promise<Uint8Array> {
  return simulate(ledger, txId, (tx) => tx.setPrivateData('cc', 'forever', 'k', bytes(value)), {
    keepPrivateData,
  });
}

it('stores the plain value when the block with its hash commits', async () => {
  const transaction = await put('t1', 'secret');
  expect(plain('forever', 'k')).toBeUndefined();

  expect(await commitBlock(ledger, transaction)).toEqual([0]);

  expect(plain('forever', 'k')).toBe('secret');
});

it('says that the value is not available when only the hash came', async () => {
  await commitBlock(ledger, await put('t1', 'old'));
  await commitBlock(ledger, await put('t2', 'new', false));

  expect(() => plain('forever', 'k')).toThrow(
    'private data matching public hash version is not available. Public hash version = {BlockNum: 3, TxNum: 0}, Private data version = {BlockNum: 2, TxNum: 0}',
  );
});

it('keeps the value readable after a write of metadata alone', async () => {
  await commitBlock(ledger, await put('t1', 'secret'));
  const policy = new Map([['VALIDATION_PARAMETER', bytes('p')]]);

  await commitBlock(
    ledger,
    await simulate(ledger, 't2', (tx) => tx.setPrivateDataMetadata('cc', 'forever', 'k', policy)),
  );

  expect(plain('forever', 'k')).toBe('secret');
});

it('removes the plain value with its hash, also when the delete was endorsed elsewhere', async () => {
  await commitBlock(ledger, await put('t1', 'secret'));

  await commitBlock(
    ledger,
    await simulate(ledger, 't2', (tx) => tx.deletePrivateData('cc', 'forever', 'k'), {
      keepPrivateData: false,
    }),
  );

  expect(plain('forever', 'k')).toBeUndefined();
  const range = read((reader) =>
    (reader as ReturnType<PeerLedger['newTxSimulator']>).getPrivateDataRange('cc', 'forever', '', ''),
  );
  expect(await range.next()).toBeUndefined();
});

it('takes the value that the last transaction of the block wrote', async () => {
  const first = await put('t1', 'first');
  const second = await put('t2', 'second');

  expect(await commitBlock(ledger, first, second)).toEqual([0, 0]);

  expect(plain('forever', 'k')).toBe('second');
});

it('finds the agreed value among several endorsements of one transaction', async () => {
  const agreed = await put('t1', 'agreed');
  await put('t1', 'another');

  await commitBlock(ledger, agreed);

  expect(plain('forever', 'k')).toBe('agreed');
});

it('removes hash and value after blockToLive blocks, and not earlier', async () => {
  const write = await simulate(ledger, 't1', (tx) =>
    tx.setPrivateData('cc', 'brief', 'k', bytes('soon gone')),
  );
  await commitBlock(ledger, write);
  const seen: (string | undefined)[] = [];
  for (let i = 0; i < 3; i++) {
    await commitBlock(
      ledger,
      await simulate(ledger, `other-${i}`, (tx) => tx.setState('cc', 'x', bytes(`${i}`))),
    );
    seen.push(plain('brief', 'k'));
  }

  expect(seen).toEqual(['soon gone', 'soon gone', undefined]);
  expect(read((reader) => reader.getPrivateDataHash('cc', 'brief', 'k'))).toBeUndefined();
});

it('refuses collections that the chaincode does not have', async () => {
  expect(() => plain('none', 'k')).toThrow('collection ch/cc/none could not be found');
  const writing = simulate(ledger, 't', (tx) => tx.setPrivateData('cc', 'none', 'k', bytes('v')));
  await expect(writing).rejects.toThrow(
    'collection [none] not defined in the collection config for chaincode [cc]',
  );
});
