import { LauncherError } from '../errors.js';
import type { Database } from './ledgerDb.js';
import { decodeMetadata } from './metadata.js';
import { SnapshotQueryExecutor, type CollectionGuard } from './queryExecutor.js';
import { RwSetBuilder, type RangeQuery } from './rwset/builder.js';
import { RangeReadCollector } from './rwset/merkle.js';
import { kvRead, sha256 } from './rwset/messages.js';
import type { KeyValue, PagedResults, ResultsIterator, SimulationResults, TxSimulator } from './types.js';

/**
 * Simulates one transaction over a snapshot (lockbased_tx_simulator.go without its lock: a commit never waits for
 * a simulator). Reads see the committed state only.
 */
export class SnapshotTxSimulator extends SnapshotQueryExecutor implements TxSimulator {
  readonly #txId: string;
  readonly #rwSet = new RwSetBuilder();
  #hasWritten = false;
  #hasQueriedPrivateData = false;
  #hasPaginated = false;
  #resultsTaken = false;

  constructor(database: Database, guard: CollectionGuard, txId: string) {
    super(database, guard);
    this.#txId = txId;
  }

  override getState(namespace: string, key: string): Uint8Array | undefined {
    this.requireOpen();
    const stored = this.state.get(namespace, key);
    this.#rwSet.namespace(namespace).addRead(key, stored?.version);
    return stored?.value;
  }

  override getStateMetadata(namespace: string, key: string): ReadonlyMap<string, Uint8Array> | undefined {
    this.requireOpen();
    const stored = this.state.get(namespace, key);
    this.#rwSet.namespace(namespace).addRead(key, stored?.version);
    return decodeMetadata(stored?.metadata);
  }

  override getStateRange(namespace: string, startKey: string, endKey: string): ResultsIterator<KeyValue> {
    this.requireOpen();
    return this.#recordedRange(namespace, startKey, endKey);
  }

  getStateRangeWithPagination(
    namespace: string,
    startKey: string,
    endKey: string,
    pageSize: number,
  ): PagedResults {
    this.requireOpen();
    if (this.#hasWritten) {
      throw this.#refused('Paginated queries are supported only in a read-only transaction');
    }
    this.#hasPaginated = true;
    const range = this.#recordedRange(namespace, startKey, endKey, pageSize);
    return range;
  }

  executeQuery(): never {
    throw new LauncherError('ExecuteQuery not supported for leveldb');
  }

  setState(namespace: string, key: string, value: Uint8Array): void {
    this.#beforeWrite();
    this.#rwSet.namespace(namespace).addWrite(key, value);
  }

  deleteState(namespace: string, key: string): void {
    this.#beforeWrite();
    this.#rwSet.namespace(namespace).addWrite(key, undefined);
  }

  setStateMetadata(namespace: string, key: string, metadata: ReadonlyMap<string, Uint8Array>): void {
    this.#beforeWrite();
    this.#rwSet.namespace(namespace).addMetadataWrite(key, metadata);
  }

  override getPrivateData(namespace: string, collection: string, key: string): Uint8Array | undefined {
    this.requireOpen();
    this.#requireCollection('requireForRead', namespace, collection);
    const hashed = this.state.getHashed(namespace, collection, sha256(key));
    this.#rwSet.namespace(namespace).collection(collection).addRead(key, hashed?.version);
    const plain = this.state.getPrivate(namespace, collection, key);
    if (hashed && (!plain || !sameVersion(plain.version, hashed.version))) {
      throw new LauncherError(
        `private data matching public hash version is not available. Public hash version = ${showVersion(hashed.version)}, Private data version = ${plain ? showVersion(plain.version) : '<nil>'}`,
      );
    }
    return hashed && plain?.value;
  }

  override getPrivateDataHash(namespace: string, collection: string, key: string): Uint8Array | undefined {
    this.requireOpen();
    this.#requireCollection('requireForRead', namespace, collection);
    const hashed = this.state.getHashed(namespace, collection, sha256(key));
    this.#rwSet.namespace(namespace).collection(collection).addRead(key, hashed?.version);
    return hashed?.value;
  }

  setPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void {
    this.#beforePrivateWrite(namespace, collection);
    this.#rwSet.namespace(namespace).collection(collection).addWrite(key, value);
  }

  deletePrivateData(namespace: string, collection: string, key: string): void {
    this.#beforePrivateWrite(namespace, collection);
    this.#rwSet.namespace(namespace).collection(collection).addWrite(key, undefined);
  }

  getPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
  ): ReadonlyMap<string, Uint8Array> | undefined {
    this.requireOpen();
    this.#requireCollection('requireForRead', namespace, collection);
    const hashed = this.state.getHashed(namespace, collection, sha256(key));
    this.#rwSet.namespace(namespace).collection(collection).addRead(key, hashed?.version);
    return decodeMetadata(hashed?.metadata);
  }

  setPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
    metadata: ReadonlyMap<string, Uint8Array>,
  ): void {
    this.#beforePrivateWrite(namespace, collection);
    this.#rwSet.namespace(namespace).collection(collection).addMetadataWrite(key, metadata);
  }

  getPrivateDataRange(
    namespace: string,
    collection: string,
    startKey: string,
    endKey: string,
  ): ResultsIterator<KeyValue> {
    this.requireOpen();
    this.#requireCollection('requireForRead', namespace, collection);
    if (this.#hasWritten) {
      throw this.#refused('Queries on pvt data is supported only in a read-only transaction');
    }
    this.#hasQueriedPrivateData = true;
    const entries = this.state.privateRange(namespace, collection, startKey, endKey);
    return this.own({
      async next(): Promise<KeyValue | undefined> {
        const entry = await entries.next();
        return entry && { key: entry.key, value: entry.stored.value };
      },
      close: () => entries.close(),
    });
  }

  getTxSimulationResults(): SimulationResults {
    this.requireOpen();
    if (this.#resultsTaken) {
      throw new LauncherError('this function should only be called once on a transaction simulator instance');
    }
    this.#resultsTaken = true;
    return this.#rwSet.build();
  }

  /** Looking a collection up is a read of lscc's state, which Fabric endorses too (contract 3.1). */
  #requireCollection(
    check: 'requireForRead' | 'requireForWrite',
    namespace: string,
    collection: string,
  ): void {
    const key = `${namespace}~collection`;
    this.#rwSet.namespace('lscc').addRead(key, this.state.get('lscc', key)?.version);
    this.guard[check](this.state, namespace, collection);
  }

  #beforeWrite(): void {
    this.requireOpen();
    if (this.#hasQueriedPrivateData) {
      throw this.#refused('Transaction has already performed queries on pvt data. Writes are not allowed');
    }
    if (this.#hasPaginated) {
      throw this.#refused('Transaction has already performed a paginated query. Writes are not allowed');
    }
    this.#hasWritten = true;
  }

  #beforePrivateWrite(namespace: string, collection: string): void {
    this.requireOpen();
    this.#requireCollection('requireForWrite', namespace, collection);
    this.#beforeWrite();
  }

  #refused(reason: string): LauncherError {
    return new LauncherError(`txid [${this.#txId}]: ${reason}`);
  }

  /** A range whose results go into the read-write set, as far as they were read. */
  #recordedRange(namespace: string, startKey: string, endKey: string, pageSize = Infinity): PagedResults {
    const query: RangeQuery = { startKey, endKey: '', exhausted: false, collector: new RangeReadCollector() };
    this.#rwSet.namespace(namespace).addRange(query);
    const entries = this.state.range(namespace, startKey, endKey);
    let read = 0;
    let bookmark = '';
    return this.own({
      async next(): Promise<KeyValue | undefined> {
        if (read >= pageSize) return undefined;
        const entry = await entries.next();
        if (!entry) {
          query.exhausted = true;
          query.endKey = endKey;
          return undefined;
        }
        read++;
        query.endKey = entry.key;
        query.collector.add(kvRead(entry.key, entry.stored.version));
        if (read === pageSize) bookmark = (await entries.next())?.key ?? '';
        return { key: entry.key, value: entry.stored.value };
      },
      bookmark: () => bookmark,
      close: () => entries.close(),
    });
  }
}

function sameVersion(
  a: { blockNum: number; txNum: number },
  b: { blockNum: number; txNum: number },
): boolean {
  return a.blockNum === b.blockNum && a.txNum === b.txNum;
}

function showVersion(version: { blockNum: number; txNum: number }): string {
  return `{BlockNum: ${version.blockNum}, TxNum: ${version.txNum}}`;
}
