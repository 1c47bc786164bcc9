import { ClassicLevel } from 'classic-level';
import { LauncherError, messageOf } from '../errors.js';
import { afterPrefix, keys } from './keys.js';
import { decodeStoredValue, type StoredValue } from './storedValue.js';
import type { ResultsIterator } from './types.js';

export type Database = ClassicLevel<Buffer, Buffer>;
export type Snapshot = ReturnType<Database['snapshot']>;
export type WriteOperation = { type: 'put'; key: Buffer; value: Buffer } | { type: 'del'; key: Buffer };

/** Records, and bytes, that a range reads at once. */
const rangeBatch = 128;
const rangeBatchBytes = 256 * 1024;

/** Opens a channel's database; one process at a time. */
export async function openDatabase(path: string): Promise<Database> {
  const database: Database = new ClassicLevel(path, { keyEncoding: 'buffer', valueEncoding: 'buffer' });
  try {
    await database.open();
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause;
    if (cause?.code === 'LEVEL_LOCKED') {
      throw new LauncherError(`the ledger in ${path} is in use by another process`, { cause: error });
    }
    throw new LauncherError(`cannot open the ledger in ${path}: ${messageOf(cause ?? error)}`, {
      cause: error,
    });
  }
  return database;
}

export interface StateEntry {
  readonly key: string;
  readonly stored: StoredValue;
}

/** Reads of the state, at one snapshot or at the newest version. */
export class StateReader {
  readonly #database: Database;
  readonly #options: { snapshot?: Snapshot };

  constructor(database: Database, snapshot?: Snapshot) {
    this.#database = database;
    this.#options = snapshot ? { snapshot } : {};
  }

  get(namespace: string, key: string): StoredValue | undefined {
    return this.#read(keys.state(namespace, key));
  }

  getHashed(namespace: string, collection: string, keyHash: Uint8Array): StoredValue | undefined {
    return this.#read(keys.hashedState(namespace, collection, keyHash));
  }

  getPrivate(namespace: string, collection: string, key: string): StoredValue | undefined {
    return this.#read(keys.privateState(namespace, collection, key));
  }

  /** The key whose hash this is, when this peer has its plain value. */
  getPlainKey(namespace: string, collection: string, keyHash: Uint8Array): string | undefined {
    return this.#database.getSync(keys.plainKey(namespace, collection, keyHash), this.#options)?.toString();
  }

  range(namespace: string, startKey: string, endKey: string): ResultsIterator<StateEntry> {
    return this.#range(keys.statePrefix(namespace), startKey, endKey);
  }

  privateRange(
    namespace: string,
    collection: string,
    startKey: string,
    endKey: string,
  ): ResultsIterator<StateEntry> {
    return this.#range(keys.privateStatePrefix(namespace, collection), startKey, endKey);
  }

  #read(key: Buffer): StoredValue | undefined {
    const bytes = this.#database.getSync(key, this.#options);
    return bytes && decodeStoredValue(bytes);
  }

  #range(prefix: Buffer, startKey: string, endKey: string): ResultsIterator<StateEntry> {
    const iterator = this.#database.iterator({
      ...this.#options,
      gte: Buffer.concat([prefix, Buffer.from(startKey)]),
      highWaterMarkBytes: rangeBatchBytes,
      lt: endKey === '' ? afterPrefix(prefix) : Buffer.concat([prefix, Buffer.from(endKey)]),
    });
    let queue: [Buffer, Buffer][] = [];
    let at = 0;
    let ended = false;
    let closed = false;
    return {
      async next(): Promise<StateEntry | undefined> {
        if (closed) return undefined;
        if (at >= queue.length && !ended) {
          queue = await iterator.nextv(rangeBatch);
          at = 0;
          // Long values end a read early, so only an empty one means the end.
          ended = queue.length === 0;
        }
        const entry = queue[at++];
        if (!entry) return undefined;
        return { key: entry[0].subarray(prefix.length).toString(), stored: decodeStoredValue(entry[1]) };
      },
      close(): void {
        if (closed) return;
        closed = true;
        // The database closes its iterators too; a failed close leaves nothing that could be used again.
        iterator.close().catch(() => undefined);
      },
    };
  }
}
