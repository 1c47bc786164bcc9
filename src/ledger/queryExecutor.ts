import { LauncherError } from '../errors.js';
import { StateReader, type Database, type Snapshot, type StateEntry } from './ledgerDb.js';
import { decodeMetadata } from './metadata.js';
import { sha256 } from './rwset/messages.js';
import type { KeyValue, QueryExecutor, ResultsIterator } from './types.js';

/**
 * Answers whether a collection is configured for a chaincode, from lscc's state; throws
 * `collection ‹channel›/‹cc›/‹coll› could not be found` and the like.
 */
export interface CollectionGuard {
  requireForRead(state: StateReader, namespace: string, collection: string): void;
  requireForWrite(state: StateReader, namespace: string, collection: string): void;
}

/** Reads of one snapshot. The snapshot and every iterator over it end with done(). */
export class SnapshotQueryExecutor implements QueryExecutor {
  protected readonly state: StateReader;
  protected readonly guard: CollectionGuard;
  readonly #snapshot: Snapshot;
  readonly #iterators = new Set<ResultsIterator<unknown>>();
  #isDone = false;

  constructor(database: Database, guard: CollectionGuard) {
    this.#snapshot = database.snapshot();
    this.state = new StateReader(database, this.#snapshot);
    this.guard = guard;
  }

  getState(namespace: string, key: string): Uint8Array | undefined {
    this.requireOpen();
    return this.state.get(namespace, key)?.value;
  }

  getStateMetadata(namespace: string, key: string): ReadonlyMap<string, Uint8Array> | undefined {
    this.requireOpen();
    return decodeMetadata(this.state.get(namespace, key)?.metadata);
  }

  getStateRange(namespace: string, startKey: string, endKey: string): ResultsIterator<KeyValue> {
    this.requireOpen();
    return this.own(plainValues(this.state.range(namespace, startKey, endKey)));
  }

  getPrivateData(namespace: string, collection: string, key: string): Uint8Array | undefined {
    this.requireOpen();
    this.guard.requireForRead(this.state, namespace, collection);
    return this.state.getPrivate(namespace, collection, key)?.value;
  }

  getPrivateDataHash(namespace: string, collection: string, key: string): Uint8Array | undefined {
    this.requireOpen();
    this.guard.requireForRead(this.state, namespace, collection);
    return this.state.getHashed(namespace, collection, sha256(key))?.value;
  }

  getPrivateDataMetadataByHash(
    namespace: string,
    collection: string,
    keyHash: Uint8Array,
  ): ReadonlyMap<string, Uint8Array> | undefined {
    this.requireOpen();
    return decodeMetadata(this.state.getHashed(namespace, collection, keyHash)?.metadata);
  }

  done(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    for (const iterator of this.#iterators) iterator.close();
    this.#iterators.clear();
    // Closing only drops the pin on old versions; nothing waits for it.
    this.#snapshot.close().catch(() => undefined);
  }

  protected requireOpen(): void {
    if (this.#isDone) throw new LauncherError('this instance should not be used after calling Done()');
  }

  /** Makes done() close the iterator. */
  protected own<T extends ResultsIterator<unknown>>(iterator: T): T {
    this.#iterators.add(iterator);
    return iterator;
  }
}

function plainValues(entries: ResultsIterator<StateEntry>): ResultsIterator<KeyValue> {
  return {
    async next(): Promise<KeyValue | undefined> {
      const entry = await entries.next();
      return entry && { key: entry.key, value: entry.stored.value };
    },
    close: () => entries.close(),
  };
}
