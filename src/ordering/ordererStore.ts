import { EventEmitter, once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { LauncherError } from '../errors.js';
import { openDatabase, type Database } from '../ledger/ledgerDb.js';
import { common } from '../protos/index.js';

/** The ordered blocks of one channel. A block is written whole and synced before anyone can read it. */
export class OrdererStore {
  readonly #database: Database;
  readonly #events = new EventEmitter().setMaxListeners(0);
  #height = 0;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** @throws LauncherError when another process has it open */
  static async open(dir: string): Promise<OrdererStore> {
    await mkdir(dir, { recursive: true });
    const store = new OrdererStore(await openDatabase(dir));
    const [last] = await store.#database.keys({ reverse: true, limit: 1 }).all();
    store.#height = last ? Number(last.readBigUInt64BE()) + 1 : 0;
    return store;
  }

  get height(): number {
    return this.#height;
  }

  getBlock(blockNumber: number): common.Block {
    const bytes = this.#database.getSync(keyOf(blockNumber));
    if (!bytes) throw new LauncherError(`the orderer has no block ${blockNumber}`);
    return common.Block.deserializeBinary(bytes);
  }

  async append(block: common.Block): Promise<void> {
    await this.#database.put(keyOf(this.#height), Buffer.from(block.serializeBinary()), { sync: true });
    this.#height++;
    this.#events.emit('block');
  }

  async waitForBlock(blockNumber: number, signal: AbortSignal): Promise<void> {
    while (this.#height <= blockNumber) await once(this.#events, 'block', { signal });
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

function keyOf(blockNumber: number): Buffer {
  const key = Buffer.alloc(8);
  key.writeBigUInt64BE(BigInt(blockNumber));
  return key;
}
