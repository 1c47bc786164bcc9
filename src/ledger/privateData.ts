import { decode, ledger } from '../protos/index.js';
import { blockToLive, type LsccRead } from './collections.js';
import { keys } from './keys.js';
import type { Database, StateReader, WriteOperation } from './ledgerDb.js';
import type { BlockUpdates } from './updates.js';

const { rwset } = ledger;
type PrivateSet = ledger.rwset.TxPvtReadWriteSet;

/** Blocks after which private data whose transaction never came is forgotten (peer.gossip.pvtData.transientstoreMaxBlockRetention). */
const retention = 1000;
/** Forgetting costs a range read, so it is not done at every block. */
const forgetEvery = 100;

/** Private data beside the blocks: kept from the endorsement until the block comes, removed after blockToLive. */
export class PrivateData {
  readonly #database: Database;
  /** A second endorsement of a txid adds to what the first kept, so the two must not overtake each other. */
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps the set of one endorsement; durable when it resolves. A transaction may be endorsed more than once. */
  async keep(txId: string, set: PrivateSet, height: number): Promise<void> {
    const kept = this.#keeping.then(() => this.#keepNow(txId, set.serializeBinary(), height));
    this.#keeping = kept.catch(() => undefined);
    await kept;
  }

  /** What endorsements of this transaction kept. */
  keptFor(txId: string): PrivateSet[] {
    const record = txId === '' ? undefined : this.#database.getSync(keys.transient(txId));
    return record
      ? splitRecord(record).map((bytes) => decode(rwset.TxPvtReadWriteSet, bytes, 'TxPvtReadWriteSet'))
      : [];
  }

  /** Ends the keeping when the transaction came, whatever became of it. */
  forget(txId: string): WriteOperation[] {
    const key = keys.transient(txId);
    return this.#database.getSync(key) ? [{ type: 'del', key }] : [];
  }

  /** Ends the keeping of transactions that never came. */
  async forgetOld(blockNum: number): Promise<WriteOperation[]> {
    if (blockNum % forgetEvery !== 0 || blockNum <= retention) return [];
    const operations: WriteOperation[] = [];
    for await (const key of this.#database.keys(keys.transientAgeRange(blockNum - retention))) {
      operations.push(
        { type: 'del', key },
        { type: 'del', key: keys.transient(keys.parseTransientAge(key)) },
      );
    }
    return operations;
  }

  /** Notes which hashed writes of a block must leave again some blocks later. */
  expiryEntries(updates: BlockUpdates, blockNum: number, readLscc: LsccRead): WriteOperation[] {
    const operations: WriteOperation[] = [];
    for (const [namespace, collections] of updates.hashedUpdates) {
      for (const [collection, hashed] of collections) {
        const life = blockToLive(namespace, collection, readLscc);
        if (life === 0) continue;
        for (const [keyHash, { stored }] of hashed) {
          if (!stored) continue;
          const key = keys.expiry(blockNum + life + 1, namespace, collection, Buffer.from(keyHash, 'hex'));
          operations.push({ type: 'put', key, value: Buffer.alloc(0) });
        }
      }
    }
    return operations;
  }

  /** Removes what has lived long enough when block `blockNum` commits, unless it was written again later. */
  async expired(
    state: StateReader,
    updates: BlockUpdates,
    blockNum: number,
    readLscc: LsccRead,
  ): Promise<WriteOperation[]> {
    const operations: WriteOperation[] = [];
    for await (const expiryKey of this.#database.keys(keys.expiryRange(blockNum))) {
      operations.push({ type: 'del', key: expiryKey });
      const { namespace, collection, keyHash } = keys.parseExpiry(expiryKey);
      const stored = state.getHashed(namespace, collection, keyHash);
      const life = blockToLive(namespace, collection, readLscc);
      const writtenAgain = updates.getHashed(namespace, collection, keyHash) !== undefined;
      if (!stored || writtenAgain || stored.version.blockNum + life + 1 > blockNum) continue;
      operations.push({ type: 'del', key: keys.hashedState(namespace, collection, keyHash) });
      const plainKey = state.getPlainKey(namespace, collection, keyHash);
      if (plainKey !== undefined) operations.push(...plainRemoval(namespace, collection, keyHash, plainKey));
    }
    return operations;
  }

  async #keepNow(txId: string, bytes: Uint8Array, height: number): Promise<void> {
    const record = this.#database.getSync(keys.transient(txId));
    const isThere = record && splitRecord(record).some((one) => Buffer.compare(one, bytes) === 0);
    if (isThere) return;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    const value = Buffer.concat([record ?? Buffer.alloc(0), length, bytes]);
    await this.#database.batch(
      [
        { type: 'put', key: keys.transient(txId), value },
        { type: 'put', key: keys.transientAge(height, txId), value: Buffer.alloc(0) },
      ],
      { sync: true },
    );
  }
}

/** Removes a plain value and the entry that finds it by its key's hash. */
export function plainRemoval(
  namespace: string,
  collection: string,
  keyHash: Uint8Array,
  plainKey: string,
): WriteOperation[] {
  return [
    { type: 'del', key: keys.privateState(namespace, collection, plainKey) },
    { type: 'del', key: keys.plainKey(namespace, collection, keyHash) },
  ];
}

/** The sets in a record: each with its length (4 bytes) before it. */
function splitRecord(record: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  for (let at = 0; at < record.length;) {
    const end = at + 4 + record.readUInt32BE(at);
    sets.push(record.subarray(at + 4, end));
    at = end;
  }
  return sets;
}
