import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LauncherError } from '../errors.js';
import { LedgerProvider } from '../ledger/ledgerProvider.js';
import { blockTransactions } from '../channelconfig/blocks.js';
import { common } from '../protos/index.js';
import { plainBlock, plainChain, plainGenesis } from '../../test/support/plainChannel.js';
import { silentLogger } from '../../test/support/silentLogger.js';
import { ChannelRegistry } from './channelRegistry.js';
import { Committer } from './committer.js';
import { CommitterMetrics } from './metrics.js';
import type { BlockSource, CommitEvent, Validator } from './types.js';

/** Marks every transaction invalid: the state stays empty and no transaction has to decode. */
const refuseAll: Validator = {
  validate: async (block) => ({
    codes: new Uint8Array(blockTransactions(block).length).fill(255),
    reasons: [],
    chaincodes: blockTransactions(block).map((_, txNum) => ({
      txId: '',
      txNum,
      kind: 'deploy',
      name: 'cc',
      version: '1.0',
      id: new Uint8Array(),
    })),
  }),
};

let dir: string;
let ledgers: LedgerProvider;
let registry: ChannelRegistry;
let metrics: Registry;

const newRegistry = (validator = refuseAll): ChannelRegistry =>
  new ChannelRegistry({ ledgers, validator, logger: silentLogger() });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'peer-'));
  ledgers = await LedgerProvider.open(dir);
  registry = newRegistry();
  metrics = new Registry();
});

afterEach(async () => {
  await registry.idle();
  await ledgers.close();
  await rm(dir, { recursive: true, force: true });
});

describe('joining', () => {
  it('makes the channel known by ledger and resources, and lists channels by name', async () => {
    const joined: string[] = [];
    registry.onJoin((channel) => joined.push(channel.id));
    await registry.join(plainGenesis('b'));
    await registry.join(plainGenesis('a'));
    expect(registry.list().map((one) => one.id)).toEqual(['a', 'b']);
    expect(registry.ledger('a')?.height).toBe(1);
    expect(registry.resources('a')?.channelId).toBe('a');
    expect([registry.ledger('c'), registry.resources('c'), registry.get('c')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(joined).toEqual(['b', 'a']);
  });

  it('a second time is refused, at the same moment too, and later works for others', async () => {
    const exists = 'cannot create ledger from genesis block: LedgerID already exists';
    const both = await Promise.allSettled([
      registry.join(plainGenesis('a')),
      registry.join(plainGenesis('a')),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(registry.join(plainGenesis('a'))).rejects.toThrow(exists);
    await expect(newRegistry().join(plainGenesis('a'))).rejects.toThrow(exists);
  });

  it('wants a configuration block that is the first of its chain', async () => {
    await expect(registry.join(new common.Block())).rejects.toThrow(
      'failed to retrieve channel id - block is empty',
    );
    const later = plainBlock(3, new Uint8Array(), blockTransactions(plainGenesis('a')));
    await expect(registry.join(later)).rejects.toThrow(
      'cannot create ledger from genesis block: block number should have been 0 but was 3',
    );
    expect(registry.list()).toEqual([]);
  });

  it('is remembered after a restart', async () => {
    const [genesis, first] = plainChain('a', 1);
    const channel = await registry.join(genesis!);
    await channel.processBlock(first!);
    const again = newRegistry();
    await again.openAll();
    expect(again.ledger('a')?.height).toBe(2);
    expect(again.resources('a')?.sequence).toBe(0);
  });
});

describe('a block', () => {
  it('that does not continue the chain is refused and leaves no trace', async () => {
    const [genesis, first, second] = plainChain('a', 2);
    const channel = await registry.join(genesis!);
    await expect(channel.processBlock(second!)).rejects.toThrow('expected block number 1, received 2');
    const stranger = plainBlock(1, Buffer.from('beef', 'hex'), []);
    await expect(channel.processBlock(stranger)).rejects.toThrow(/^block 1 names beef as its previous hash/);
    const changed = first!.clone();
    changed.getData()!.addData(Buffer.from('more'));
    await expect(channel.processBlock(changed)).rejects.toThrow(
      'Header.DataHash is different from Hash(block.Data) for block with id [1]',
    );
    await expect(channel.processBlock(new common.Block())).rejects.toThrow('block without a header');
    expect(channel.ledger.height).toBe(1);
    await channel.processBlock(first!);
    expect(channel.ledger.height).toBe(2);
  });

  it('is worked on after the one before, even when both are handed in at once', async () => {
    const [genesis, first, second] = plainChain('a', 2);
    const channel = await registry.join(genesis!);
    const events = await Promise.all([channel.processBlock(first!), channel.processBlock(second!)]);
    expect(events.map((event) => event.blockNumber)).toEqual([1, 2]);
  });

  it('is told to listeners when it comes and when it is committed; one that throws harms nobody', async () => {
    const heard: string[] = [];
    registry.onBlock({
      blockReceived: () => {
        throw new LauncherError('a bad listener');
      },
    });
    const end = registry.onBlock({
      blockReceived: (channelId, number, txIds) => heard.push(`${channelId} ${number} ${txIds.join()}`),
      blockCommitted: (event: CommitEvent) => {
        heard.push(`committed ${event.blockNumber} ${event.transactions.map((one) => one.code).join()}`);
        // Every transaction was refused, so no chaincode changes, whatever the validator said of it.
        heard.push(`chaincodes ${event.chaincodes.length}`);
      },
    });
    const [genesis, first, second] = plainChain('a', 2);
    const channel = await registry.join(genesis!);
    await channel.processBlock(first!);
    end();
    await channel.processBlock(second!);
    expect(heard).toEqual(['a 1 tx1', 'committed 1 255', 'chaincodes 0']);
  });

  it('that cannot be validated is not committed and may come again', async () => {
    let failures = 1;
    registry = newRegistry({
      validate: async (block, context) => {
        if (failures-- > 0) throw new LauncherError('state cannot be read');
        return refuseAll.validate(block, context);
      },
    });
    const [genesis, first] = plainChain('a', 1);
    const channel = await registry.join(genesis!);
    await expect(channel.processBlock(first!)).rejects.toThrow('state cannot be read');
    expect(channel.ledger.height).toBe(1);
    await channel.processBlock(first!);
    expect(channel.ledger.height).toBe(2);
  });
});

describe('the committer', () => {
  /** Gives the chain from a number on, then waits for the end. */
  class ChainSource implements BlockSource {
    readonly asked: number[] = [];
    failures: number;

    constructor(
      readonly chain: readonly common.Block[],
      failures = 0,
    ) {
      this.failures = failures;
    }

    async *blocks(_: string, from: number, signal: AbortSignal): AsyncGenerator<common.Block> {
      this.asked.push(from);
      for (const block of this.chain.slice(from)) {
        if (this.failures-- > 0) throw new LauncherError('the orderer is away');
        yield block;
      }
      await sleep(60_000, undefined, { signal });
    }
  }

  const newCommitter = (source: BlockSource): Committer =>
    new Committer({
      channels: registry,
      source,
      metrics: new CommitterMetrics(metrics),
      logger: silentLogger(),
      minRetryMs: 1,
      maxRetryMs: 4,
    });

  it('follows channels joined before and after its start, and stops at once', async () => {
    const chain = plainChain('a', 3);
    const source = new ChainSource(chain);
    const committer = newCommitter({
      blocks: (id, from, signal) =>
        id === 'a'
          ? source.blocks(id, from, signal)
          : new ChainSource(plainChain('b', 2)).blocks(id, from, signal),
    });
    await registry.join(chain[0]!);
    committer.start();
    committer.start();
    await registry.join(plainGenesis('b'));
    await vi.waitFor(() => {
      expect([registry.ledger('a')?.height, registry.ledger('b')?.height]).toEqual([4, 3]);
    });
    expect(source.asked).toEqual([1]);
    await committer.stop();
    expect(committer.troubles()).toEqual([]);
    expect(await metrics.metrics()).toContain('chaincode_launcher_committer_errors_total{channel="a"} 0');
  });

  it('is in no trouble while the ordering service is away', async () => {
    const chain = plainChain('a', 2);
    const source = new ChainSource(chain, 1_000);
    const committer = newCommitter(source);
    await registry.join(chain[0]!);
    committer.start();
    await vi.waitFor(() => {
      expect(source.asked.length).toBeGreaterThan(2);
    });
    expect(committer.troubles()).toEqual([]);
    await committer.stop();
  });

  it('asks again after an error of the source', async () => {
    const chain = plainChain('a', 2);
    const source = new ChainSource(chain, 3);
    const committer = newCommitter(source);
    await registry.join(chain[0]!);
    committer.start();
    await vi.waitFor(() => {
      expect(registry.ledger('a')?.height).toBe(3);
    });
    expect(source.asked).toEqual([1, 1, 1, 1]);
    expect(await metrics.metrics()).toContain('chaincode_launcher_committer_errors_total{channel="a"} 3');
    expect(committer.troubles()).toEqual([]);
    await committer.stop();
  });

  it('never passes over a block that it must refuse', async () => {
    const chain = plainChain('a', 2);
    chain[1] = plainBlock(1, Buffer.from('beef', 'hex'), []);
    const source = new ChainSource(chain);
    const committer = newCommitter(source);
    await registry.join(chain[0]!);
    committer.start();
    await vi.waitFor(() => {
      expect(source.asked.length).toBeGreaterThan(3);
    });
    expect(registry.ledger('a')?.height).toBe(1);
    expect(committer.troubles()).toEqual([
      expect.objectContaining({
        channelId: 'a',
        error: expect.objectContaining({ name: 'BlockRefusedError' }) as unknown,
      }),
    ]);
    await committer.stop();
  });

  it('leaves out blocks that the ledger has already', async () => {
    const chain = plainChain('a', 2);
    const committer = newCommitter({
      blocks: (id, _, signal) => new ChainSource(chain).blocks(id, 0, signal),
    });
    await registry.join(chain[0]!);
    committer.start();
    await vi.waitFor(() => {
      expect(registry.ledger('a')?.height).toBe(3);
    });
    await committer.stop();
  });
});
