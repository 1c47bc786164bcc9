import { ledger } from '../../protos/index.js';
import { compareUtf8 } from '../keys.js';
import type { SimulationResults, Version } from '../types.js';
import { CollectionBuilder } from './collectionBuilder.js';
import { maxDegree, type RangeReadCollector } from './merkle.js';
import { kvMetadataWrite, kvRead, kvWrite } from './messages.js';

const { rwset } = ledger;
const { kvrwset } = rwset;

/** One range that the simulation opened; the iterator fills it while it reads. */
export interface RangeQuery {
  readonly startKey: string;
  endKey: string;
  exhausted: boolean;
  readonly collector: RangeReadCollector;
}

/** Gathers reads and writes and marshals them byte for byte as Fabric endorses them (rwsetutil: RWSetBuilder). */
export class RwSetBuilder {
  readonly #namespaces = new Map<string, NamespaceBuilder>();

  namespace(name: string): NamespaceBuilder {
    let builder = this.#namespaces.get(name);
    if (!builder) {
      builder = new NamespaceBuilder();
      this.#namespaces.set(name, builder);
    }
    return builder;
  }

  build(): SimulationResults {
    const publicSet = new rwset.TxReadWriteSet();
    const privateSet = new rwset.TxPvtReadWriteSet();
    for (const [name, builder] of [...this.#namespaces].sort(([a], [b]) => compareUtf8(a, b))) {
      const namespaceSet = builder.build(name);
      if (namespaceSet) publicSet.addNsRwset(namespaceSet);
      const privateNamespace = builder.buildPrivate(name);
      if (privateNamespace) privateSet.addNsPvtRwset(privateNamespace);
    }
    const publicBytes = publicSet.serializeBinary();
    return privateSet.getNsPvtRwsetList().length > 0 ? { publicBytes, privateSet } : { publicBytes };
  }
}

/** One namespace of a read-write set. */
export class NamespaceBuilder {
  readonly #reads = new Map<string, Version | undefined>();
  readonly #ranges: RangeQuery[] = [];
  readonly #writes = new Map<string, Uint8Array | undefined>();
  readonly #metadata = new Map<string, ReadonlyMap<string, Uint8Array>>();
  readonly #collections = new Map<string, CollectionBuilder>();

  addRead(key: string, version: Version | undefined): void {
    this.#reads.set(key, version);
  }

  addRange(query: RangeQuery): void {
    this.#ranges.push(query);
  }

  /** @param value undefined deletes the key */
  addWrite(key: string, value: Uint8Array | undefined): void {
    this.#writes.set(key, value);
  }

  addMetadataWrite(key: string, metadata: ReadonlyMap<string, Uint8Array>): void {
    this.#metadata.set(key, metadata);
  }

  collection(name: string): CollectionBuilder {
    let builder = this.#collections.get(name);
    if (!builder) {
      builder = new CollectionBuilder();
      this.#collections.set(name, builder);
    }
    return builder;
  }

  build(namespace: string): InstanceType<typeof rwset.NsReadWriteSet> | undefined {
    const isEmpty =
      this.#reads.size +
        this.#ranges.length +
        this.#writes.size +
        this.#metadata.size +
        this.#collections.size ===
      0;
    if (isEmpty) return undefined;
    const set = new kvrwset.KVRWSet();
    set.setReadsList(sorted(this.#reads).map(([key, version]) => kvRead(key, version)));
    set.setRangeQueriesInfoList(withoutRepetitions(this.#ranges).map(rangeQueryInfo));
    set.setWritesList(sorted(this.#writes).map(([key, value]) => kvWrite(key, value)));
    set.setMetadataWritesList(
      sorted(this.#metadata).map(([key, metadata]) => kvMetadataWrite(key, metadata)),
    );
    const result = new rwset.NsReadWriteSet();
    result.setNamespace(namespace);
    result.setRwset(set.serializeBinary());
    result.setCollectionHashedRwsetList(
      sorted(this.#collections).map(([name, builder]) => builder.buildHashed(name)),
    );
    return result;
  }

  buildPrivate(namespace: string): InstanceType<typeof rwset.NsPvtReadWriteSet> | undefined {
    const result = new rwset.NsPvtReadWriteSet();
    result.setNamespace(namespace);
    for (const [name, builder] of sorted(this.#collections)) {
      const collection = builder.buildPrivate(name);
      if (collection) result.addCollectionPvtRwset(collection);
    }
    return result.getCollectionPvtRwsetList().length > 0 ? result : undefined;
  }
}

/** Of ranges with the same start, end and exhaustion only the first counts (rwset_builder.go: AddToRangeQuerySet). */
function withoutRepetitions(ranges: readonly RangeQuery[]): RangeQuery[] {
  const first = new Map<string, RangeQuery>();
  for (const range of ranges) {
    const identity = JSON.stringify([range.startKey, range.endKey, range.exhausted]);
    if (!first.has(identity)) first.set(identity, range);
  }
  return [...first.values()];
}

function rangeQueryInfo(query: RangeQuery): InstanceType<typeof kvrwset.RangeQueryInfo> {
  const info = new kvrwset.RangeQueryInfo();
  info.setStartKey(query.startKey);
  info.setEndKey(query.endKey);
  info.setItrExhausted(query.exhausted);
  const reads = query.collector.done();
  if (reads.kind === 'raw') {
    const raw = new kvrwset.QueryReads();
    raw.setKvReadsList([...reads.reads]);
    info.setRawReads(raw);
  } else if (reads.kind === 'merkle') {
    const summary = new kvrwset.QueryReadsMerkleSummary();
    summary.setMaxDegree(maxDegree);
    summary.setMaxLevel(reads.maxLevel);
    summary.setMaxLevelHashesList([...reads.hashes]);
    info.setReadsMerkleHashes(summary);
  }
  return info;
}

function sorted<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([a], [b]) => compareUtf8(a, b));
}
