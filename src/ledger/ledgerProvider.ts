import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { LauncherError } from '../errors.js';
import { configFromBlock } from '../channelconfig/bundle.js';
import { blockTransactions } from '../channelconfig/blocks.js';
import type { common } from '../protos/index.js';
import { KvLedger } from './kvLedger.js';
import { openDatabase } from './ledgerDb.js';
import { LedgerMetrics } from './metrics.js';
import type { PeerLedger } from './types.js';

/** No channel's name can hold a `+`, so the name of no ledger begins so. */
const unfinished = '+creating-';
/** What may become a folder's name; wider than an orderer's rule, as old channels have capitals and underscores. */
const channelName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,248}$/;

/** The ledgers of this peer: one folder a channel. */
export class LedgerProvider {
  readonly #dir: string;
  readonly #metrics: LedgerMetrics | undefined;
  readonly #open = new Map<string, KvLedger>();

  private constructor(dir: string, metrics: LedgerMetrics | undefined) {
    this.#dir = dir;
    this.#metrics = metrics;
  }

  /** Removes what a crash left of a ledger that was never created whole. */
  static async open(dir: string, options: { metrics?: Registry } = {}): Promise<LedgerProvider> {
    await mkdir(dir, { recursive: true });
    for (const name of await readdir(dir)) {
      if (name.startsWith(unfinished)) await rm(join(dir, name), { recursive: true, force: true });
    }
    return new LedgerProvider(dir, options.metrics && new LedgerMetrics(options.metrics));
  }

  /** Creates the ledger of the block's channel with the block in it. Throws `LedgerID already exists`. */
  async create(genesisBlock: common.Block): Promise<PeerLedger> {
    const { channelId } = configFromBlock(genesisBlock);
    if (!channelName.test(channelId)) throw new LauncherError(`invalid channel name: ${channelId}`);
    if ((await this.list()).includes(channelId)) throw new LauncherError('LedgerID already exists');
    const path = join(this.#dir, channelId);
    const temporary = join(this.#dir, `${unfinished}${channelId}`);
    const database = await openDatabase(temporary);
    const first = new KvLedger(channelId, database);
    try {
      const codes = new Uint8Array(blockTransactions(genesisBlock).length);
      await first.commit({ block: genesisBlock, codes });
    } catch (error) {
      await first.close();
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
    await first.close();
    await rename(temporary, path);
    await syncDirectory(this.#dir);
    return this.#openOne(channelId);
  }

  /** Opens every ledger of the folder. */
  async openAll(): Promise<PeerLedger[]> {
    const ledgers: PeerLedger[] = [];
    for (const channelId of await this.list()) {
      ledgers.push(this.#open.get(channelId) ?? (await this.#openOne(channelId)));
    }
    return ledgers;
  }

  /** The channels that have a ledger here, sorted. */
  async list(): Promise<string[]> {
    const entries = await readdir(this.#dir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith(unfinished))
      .map((entry) => entry.name)
      .sort();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((ledger) => ledger.close()));
    this.#open.clear();
  }

  async #openOne(channelId: string): Promise<KvLedger> {
    const ledger = new KvLedger(channelId, await openDatabase(join(this.#dir, channelId)), this.#metrics);
    this.#open.set(channelId, ledger);
    return ledger;
  }
}

/** Makes a rename in the folder survive a power cut. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
