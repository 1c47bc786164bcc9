import { ledger } from '../protos/index.js';
import { blockToLive, type LsccRead } from './collections.js';
import { keys } from './keys.js';
import type { Database, StateReader, WriteOperation } from './ledgerDb.js';
import { sha256 } from './rwset/messages.js';
import { encodeStoredValue } from './storedValue.js';
import type { LedgerTransaction } from './transactions.js';
import type { BlockUpdates } from './updates.js';
import type { Version } from './types.js';

const { rwset } = ledger;

/** Plain private values: kept at endorsement, stored when the block with their hashes commits, gone after blockToLive. */
export class PrivateData {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async keep(txId: string, set: InstanceType<typeof rwset.TxPvtReadWriteSet>): Promise<void> {
    await this.#database.put(keys.transient(txId), Buffer.from(set.serializeBinary()));
  }

  /** The writes of plain values that a committing transaction announces by hash, and the end of their keeping. */
  writesOf(transaction: LedgerTransaction, version: Version): WriteOperation[] {
    const kept = this.#database.getSync(keys.transient(transaction.txId));
    if (!kept) return [];
    const operations: WriteOperation[] = [{ type: 'del', key: keys.transient(transaction.txId) }];
    const plain = rwset.TxPvtReadWriteSet.deserializeBinary(kept);
    for (const namespaceSet of plain.getNsPvtRwsetList()) {
      const namespace = namespaceSet.getNamespace();
      const announced = transaction.namespaces?.find((one) => one.namespace === namespace)?.collections ?? [];
      for (const collectionSet of namespaceSet.getCollectionPvtRwsetList()) {
        const collection = collectionSet.getCollectionName();
        const bytes = collectionSet.getRwset_asU8();
        const match = announced.find((one) => one.collection === collection);
        // Values whose hash is not the one in the block were never agreed on.
        if (!match || !sha256(bytes).equals(match.pvtHash)) continue;
        operations.push(...plainWrites(namespace, collection, bytes, version));
      }
    }
    return operations;
  }

  /** The hashed writes of a block that must leave again some blocks later. */
  expiryEntries(updates: BlockUpdates, blockNum: number, readLscc: LsccRead): WriteOperation[] {
    const operations: WriteOperation[] = [];
    for (const [namespace, collections] of updates.hashedUpdates) {
      for (const [collection, hashed] of collections) {
        const life = blockToLive(namespace, collection, readLscc);
        if (life === 0) continue;
        for (const keyHash of hashed.keys()) {
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
      const plainKey = await this.#plainKey(state, namespace, collection, keyHash);
      if (plainKey !== undefined) {
        operations.push({ type: 'del', key: keys.privateState(namespace, collection, plainKey) });
      }
    }
    return operations;
  }

  async #plainKey(
    state: StateReader,
    namespace: string,
    collection: string,
    keyHash: Buffer,
  ): Promise<string | undefined> {
    const entries = state.privateRange(namespace, collection, '', '');
    try {
      for (let entry = await entries.next(); entry; entry = await entries.next()) {
        if (sha256(entry.key).equals(keyHash)) return entry.key;
      }
      return undefined;
    } finally {
      entries.close();
    }
  }
}

function plainWrites(
  namespace: string,
  collection: string,
  bytes: Uint8Array,
  version: Version,
): WriteOperation[] {
  const writes = rwset.kvrwset.KVRWSet.deserializeBinary(bytes).getWritesList();
  return writes.map((write): WriteOperation => {
    const key = keys.privateState(namespace, collection, write.getKey());
    if (write.getIsDelete()) return { type: 'del', key };
    return { type: 'put', key, value: encodeStoredValue({ version, value: write.getValue_asU8() }) };
  });
}
