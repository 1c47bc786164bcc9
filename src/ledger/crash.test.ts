import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { genesisBlock } from '../../test/support/ledgerChain.js';
import { dumpState } from '../../test/support/dumpState.js';
import { blockHeaderHash, blockTransactions, metadataIndex } from '../channelconfig/blocks.js';
import type { common } from '../protos/index.js';
import { LedgerProvider } from './ledgerProvider.js';
import type { PeerLedger } from './types.js';

const root = resolve(import.meta.dirname, '../..');
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ledger-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** Lets a process commit blocks and kills it; gives the height that it reported last. */
async function writeAndKill(acknowledgements: number, delayMs: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--import', join(root, 'test/support/typescriptLoader.mjs'), join(root, 'test/support/ledgerWriter.ts')],
    { env: { ...process.env, DIR: dir }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit');
  let height = 0;
  let lines = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    height = Number(line);
    if (++lines === acknowledgements) setTimeout(() => child.kill('SIGKILL'), delayMs);
  }
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return height;
}

/** Checks every block and its indexes. */
function checkChain(ledger: PeerLedger): void {
  let previous: Uint8Array = new Uint8Array();
  for (let number = 0; number < ledger.height; number++) {
    const block = ledger.getBlockByNumber(number);
    const header = block.getHeader()!;
    expect(Buffer.compare(header.getPreviousHash_asU8(), previous)).toBe(0);
    previous = blockHeaderHash(header);
    expect(ledger.getBlockByHash(previous).getHeader()!.getNumber()).toBe(number);
    if (number === 0) continue;
    expect([...block.getMetadata()!.getMetadataList_asU8()[metadataIndex.transactionsFilter]!]).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(ledger.getBlockByTxId(`tx-${number}-4`).getHeader()!.getNumber()).toBe(number);
  }
  expect(ledger.hasTransaction(`tx-${ledger.height}-0`)).toBe(false);
}

/** Commits the same blocks to a new ledger. */
async function replay(from: PeerLedger, into: string): Promise<void> {
  const provider = await LedgerProvider.open(into);
  const ledger = await provider.create(from.getBlockByNumber(0));
  for (let number = 1; number < from.height; number++) {
    const block: common.Block = from.getBlockByNumber(number);
    await ledger.commit({ block, codes: new Uint8Array(blockTransactions(block).length) });
  }
  await provider.close();
}

it('has every acknowledged block whole after kills at arbitrary moments', async () => {
  let reported = 0;
  for (const [acknowledgements, delayMs] of [
    [1, 0],
    [9, 1],
    [4, 3],
    [20, 7],
  ] as const) {
    const last = await writeAndKill(acknowledgements, delayMs);
    expect(last).toBeGreaterThanOrEqual(reported);
    reported = last;
    const provider = await LedgerProvider.open(dir);
    const [ledger] = await provider.openAll();
    // A block may have been committed and its report lost, but never more than one.
    expect([reported, reported + 1]).toContain(ledger!.height);
    checkChain(ledger!);
    await provider.close();
  }

  const provider = await LedgerProvider.open(dir);
  const [ledger] = await provider.openAll();
  const copy = join(dir, 'copy');
  await replay(ledger!, copy);
  await provider.close();
  expect(await dumpState(join(dir, 'ch'))).toEqual(await dumpState(join(copy, 'ch')));
}, 60_000);

it('refuses a second process in words', async () => {
  const first = await LedgerProvider.open(dir);
  await first.create(genesisBlock('ch'));
  const second = await LedgerProvider.open(dir);

  await expect(second.openAll()).rejects.toThrow(
    `the ledger in ${join(dir, 'ch')} is in use by another process`,
  );
  await first.close();
});
