import { peer, type ledger } from '../protos/index.js';
import { compareUtf8 } from './keys.js';
import type { StateReader } from './ledgerDb.js';
import { RangeReadCollector, type RangeReads } from './rwset/merkle.js';
import { kvRead } from './rwset/messages.js';
import type { NamespaceSet } from './transactions.js';
import { hex, type BlockUpdates, type HashedUpdates, type Update } from './updates.js';
import type { Version } from './types.js';

type RangeQueryInfo = ledger.rwset.kvrwset.RangeQueryInfo;
type MerkleSummary = NonNullable<ReturnType<RangeQueryInfo['getReadsMerkleHashes']>>;
type KvVersion = ledger.rwset.kvrwset.Version;

const { VALID, MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT } = peer.TxValidationCode;

/** Checks that what a transaction read is still so, before the block and after the valid ones in it. */
export class MvccValidator {
  readonly #state: StateReader;
  readonly #updates: BlockUpdates;

  constructor(state: StateReader, updates: BlockUpdates) {
    this.#state = state;
    this.#updates = updates;
  }

  /** VALID, MVCC_READ_CONFLICT or PHANTOM_READ_CONFLICT. */
  async validate(namespaces: readonly NamespaceSet[]): Promise<number> {
    for (const { namespace, set, collections } of namespaces) {
      for (const read of set.getReadsList()) {
        const changed = this.#updates.getPublic(namespace, read.getKey()) !== undefined;
        if (changed || !isAt(read.getVersion(), this.#state.get(namespace, read.getKey())?.version)) {
          return MVCC_READ_CONFLICT;
        }
      }
      for (const query of set.getRangeQueriesInfoList()) {
        if (!(await this.#isRangeUnchanged(namespace, query))) return PHANTOM_READ_CONFLICT;
      }
      for (const { collection, hashed } of collections) {
        const inBlock = this.#updates.hashedUpdates.get(namespace)?.get(collection);
        if (!this.#areHashedReadsUnchanged(namespace, collection, hashed, inBlock)) return MVCC_READ_CONFLICT;
      }
    }
    return VALID;
  }

  #areHashedReadsUnchanged(
    namespace: string,
    collection: string,
    hashed: NamespaceSet['collections'][number]['hashed'],
    inBlock: HashedUpdates | undefined,
  ): boolean {
    return hashed.getHashedReadsList().every((read) => {
      const keyHash = read.getKeyHash_asU8();
      if (inBlock?.has(hex(keyHash))) return false;
      return isAt(read.getVersion(), this.#state.getHashed(namespace, collection, keyHash)?.version);
    });
  }

  /** Reads the range again as it would be after the block so far, and compares (rangequery_validator.go). */
  async #isRangeUnchanged(namespace: string, query: RangeQueryInfo): Promise<boolean> {
    const endKey = query.getEndKey();
    const includeEnd = !query.getItrExhausted();
    const now = this.#currentRange(namespace, query.getStartKey(), endKey, includeEnd);
    const summary = query.getReadsMerkleHashes();
    if (summary) {
      // Fabric makes no tree of a lower degree; with it the levels would never end.
      if (summary.getMaxDegree() < 2) return false;
      return sameSummary(summary, await collect(now, summary.getMaxDegree()));
    }
    const expected = query.getRawReads()?.getKvReadsList() ?? [];
    let index = 0;
    for await (const [key, version] of now) {
      const read = expected[index++];
      if (read?.getKey() !== key || !isAt(read.getVersion(), version)) return false;
    }
    return index === expected.length;
  }

  /** Committed keys of the range merged with those that the block has changed so far, in key order. */
  async *#currentRange(
    namespace: string,
    startKey: string,
    endKey: string,
    includeEnd: boolean,
  ): AsyncGenerator<[string, Version]> {
    // The smallest string that follows endKey makes an included end an excluded one.
    const end = includeEnd && endKey !== '' ? `${endKey}\0` : endKey;
    const changed = this.#changedKeys(namespace, startKey, end);
    const committed = this.#state.range(namespace, startKey, end);
    try {
      let next = changed.shift();
      for (let entry = await committed.next(); entry; entry = await committed.next()) {
        while (next && compareUtf8(next[0], entry.key) < 0) {
          if (next[1].stored) yield [next[0], next[1].version];
          next = changed.shift();
        }
        if (next?.[0] === entry.key) {
          if (next[1].stored) yield [next[0], next[1].version];
          next = changed.shift();
        } else {
          yield [entry.key, entry.stored.version];
        }
      }
      for (; next; next = changed.shift()) {
        if (next[1].stored) yield [next[0], next[1].version];
      }
    } finally {
      committed.close();
    }
  }

  #changedKeys(namespace: string, startKey: string, end: string): [string, Update][] {
    const updates = this.#updates.publicUpdates.get(namespace);
    if (!updates) return [];
    return [...updates]
      .filter(([key]) => compareUtf8(key, startKey) >= 0 && (end === '' || compareUtf8(key, end) < 0))
      .sort(([a], [b]) => compareUtf8(a, b));
  }
}

async function collect(range: AsyncIterable<[string, Version]>, degree: number): Promise<RangeReads> {
  const collector = new RangeReadCollector(degree);
  for await (const [key, version] of range) collector.add(kvRead(key, version));
  return collector.done();
}

function sameSummary(summary: MerkleSummary, reads: RangeReads): boolean {
  if (reads.kind !== 'merkle' || summary.getMaxLevel() !== reads.maxLevel) return false;
  const expected = summary.getMaxLevelHashesList_asU8();
  return (
    expected.length === reads.hashes.length &&
    reads.hashes.every((hash, index) => hash.equals(expected[index] ?? new Uint8Array()))
  );
}

/** True when the read version and the present one are the same, or there is none of either. */
function isAt(read: KvVersion | undefined, present: Version | undefined): boolean {
  if (!read || !present) return !read && !present;
  return read.getBlockNum() === present.blockNum && read.getTxNum() === present.txNum;
}
