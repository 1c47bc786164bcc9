import { createHash } from 'node:crypto';
import { ledger } from '../../protos/index.js';

const { kvrwset } = ledger.rwset;
type KVRead = InstanceType<typeof kvrwset.KVRead>;

/** Results a hash stands for, and hashes a level holds, at most (Fabric's maxDegreeQueryReadsHashing). */
export const maxDegree = 50;

/** What a range read, as it goes into RangeQueryInfo: the reads themselves, or hashes when there are many. */
export type RangeReads =
  | { readonly kind: 'none' }
  | { readonly kind: 'raw'; readonly reads: readonly KVRead[] }
  | { readonly kind: 'merkle'; readonly maxLevel: number; readonly hashes: readonly Buffer[] };

/**
 * Collects the results of one range query (rwsetutil: RangeQueryResultsHelper). Every 51 results become one hash;
 * 51 hashes of a level become one of the next.
 */
export class RangeReadCollector {
  #pending: KVRead[] = [];
  readonly #levels = new Map<number, Buffer[]>();
  readonly #maxDegree: number;
  #maxLevel = 1;

  /** @param degree another peer's set is checked with the degree it was made with */
  constructor(degree = maxDegree) {
    this.#maxDegree = degree;
  }

  add(read: KVRead): void {
    this.#pending.push(read);
    if (this.#pending.length > this.#maxDegree) this.#hashPending();
  }

  /** Ends the collection; call it once. */
  done(): RangeReads {
    if (this.#levels.size === 0) {
      return this.#pending.length === 0 ? { kind: 'none' } : { kind: 'raw', reads: this.#pending };
    }
    if (this.#pending.length > 0) this.#hashPending();
    for (let level = 1; level < this.#maxLevel; level++) {
      const hashes = this.#levels.get(level);
      if (!hashes || hashes.length === 0) continue;
      this.#levels.delete(level);
      this.#levelOf(level + 1).push(hashes.length === 1 && hashes[0] ? hashes[0] : combine(hashes));
    }
    const top = this.#levelOf(this.#maxLevel);
    if (top.length > this.#maxDegree) {
      return { kind: 'merkle', maxLevel: this.#maxLevel + 1, hashes: [combine(top)] };
    }
    return { kind: 'merkle', maxLevel: this.#maxLevel, hashes: top };
  }

  #hashPending(): void {
    const reads = new kvrwset.QueryReads();
    reads.setKvReadsList(this.#pending);
    this.#pending = [];
    this.#levelOf(1).push(createHash('sha256').update(reads.serializeBinary()).digest());
    for (let level = 1; this.#levelOf(level).length > this.#maxDegree; level++) {
      const hashes = this.#levelOf(level);
      this.#levels.delete(level);
      this.#levelOf(level + 1).push(combine(hashes));
      this.#maxLevel = Math.max(this.#maxLevel, level + 1);
    }
  }

  #levelOf(level: number): Buffer[] {
    let hashes = this.#levels.get(level);
    if (!hashes) {
      hashes = [];
      this.#levels.set(level, hashes);
    }
    return hashes;
  }
}

function combine(hashes: readonly Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(hashes)).digest();
}
