import { createHash } from 'node:crypto';
import { LauncherError } from '../../src/errors.js';
import type { KeyValue, PagedResults, ResultsIterator, TxSimulator } from '../../src/ledger/types.js';

function iterate<T>(items: readonly T[]): ResultsIterator<T> & { closed: boolean } {
  let at = 0;
  const iterator = {
    closed: false,
    next: async (): Promise<T | undefined> => (iterator.closed ? undefined : items[at++]),
    close: (): void => {
      iterator.closed = true;
    },
  };
  return iterator;
}

/**
 * A simulator over plain maps that writes through: what a test needs to see what chaincode asked for. It records
 * nothing and knows no versions.
 */
export class FakeSimulator implements TxSimulator {
  /** namespace\0key → value */
  readonly state = new Map<string, Uint8Array>();
  readonly metadata = new Map<string, ReadonlyMap<string, Uint8Array>>();
  /** namespace\0collection\0key → value */
  readonly private = new Map<string, Uint8Array>();
  readonly iterators: { closed: boolean }[] = [];
  finished = false;

  getState(namespace: string, key: string): Uint8Array | undefined {
    return this.state.get(`${namespace}\0${key}`);
  }

  setState(namespace: string, key: string, value: Uint8Array): void {
    if (value.length === 0) this.deleteState(namespace, key);
    else this.state.set(`${namespace}\0${key}`, value);
  }

  deleteState(namespace: string, key: string): void {
    this.state.delete(`${namespace}\0${key}`);
  }

  getStateMetadata(namespace: string, key: string): ReadonlyMap<string, Uint8Array> | undefined {
    return this.metadata.get(`${namespace}\0${key}`);
  }

  setStateMetadata(namespace: string, key: string, metadata: ReadonlyMap<string, Uint8Array>): void {
    this.metadata.set(`${namespace}\0${key}`, metadata);
  }

  getStateRange(namespace: string, startKey: string, endKey: string): ResultsIterator<KeyValue> {
    return this.#opened(range(this.state, namespace, startKey, endKey));
  }

  getStateRangeWithPagination(
    namespace: string,
    startKey: string,
    endKey: string,
    pageSize: number,
  ): PagedResults {
    const all = range(this.state, namespace, startKey, endKey);
    return Object.assign(this.#opened(all.slice(0, pageSize)), { bookmark: () => all[pageSize]?.key ?? '' });
  }

  getPrivateData(namespace: string, collection: string, key: string): Uint8Array | undefined {
    return this.private.get(`${namespace}\0${collection}\0${key}`);
  }

  getPrivateDataHash(namespace: string, collection: string, key: string): Uint8Array | undefined {
    const value = this.getPrivateData(namespace, collection, key);
    return value && createHash('sha256').update(value).digest();
  }

  getPrivateDataMetadataByHash(): undefined {
    return undefined;
  }

  setPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void {
    this.private.set(`${namespace}\0${collection}\0${key}`, value);
  }

  deletePrivateData(namespace: string, collection: string, key: string): void {
    this.private.delete(`${namespace}\0${collection}\0${key}`);
  }

  getPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
  ): ReadonlyMap<string, Uint8Array> | undefined {
    return this.metadata.get(`${namespace}\0${collection}\0${key}`);
  }

  setPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
    metadata: ReadonlyMap<string, Uint8Array>,
  ): void {
    this.metadata.set(`${namespace}\0${collection}\0${key}`, metadata);
  }

  getPrivateDataRange(
    namespace: string,
    collection: string,
    startKey: string,
    endKey: string,
  ): ResultsIterator<KeyValue> {
    return this.#opened(range(this.private, `${namespace}\0${collection}`, startKey, endKey));
  }

  executeQuery(): never {
    throw new LauncherError('ExecuteQuery not supported for leveldb');
  }

  getTxSimulationResults(): { publicBytes: Uint8Array } {
    return { publicBytes: new Uint8Array() };
  }

  done(): void {
    this.finished = true;
  }

  #opened<T>(items: readonly T[]): ResultsIterator<T> {
    const iterator = iterate(items);
    this.iterators.push(iterator);
    return iterator;
  }
}

function range(
  from: ReadonlyMap<string, Uint8Array>,
  namespace: string,
  startKey: string,
  endKey: string,
): KeyValue[] {
  const prefix = `${namespace}\0`;
  return [...from]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => ({ key: key.slice(prefix.length), value }))
    .filter(({ key }) => key >= startKey && (endKey === '' || key < endKey))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}
