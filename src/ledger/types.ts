import type { common, ledger, peer } from '../protos/index.js';

/** Where a value was written: block number and the transaction's index in it. */
export interface Version {
  readonly blockNum: number;
  readonly txNum: number;
}

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Results in order, read lazily (the store iterates off the event loop); close() frees what it holds and may be called twice. */
export interface ResultsIterator<T> {
  next(): Promise<T | undefined>;
  close(): void;
}

export interface PagedResults extends ResultsIterator<KeyValue> {
  /** After the page was read: the key that follows it, or '' at the end. */
  bookmark(): string;
}

/** Reads over one snapshot of the committed state. A reader never blocks a commit. */
export interface QueryExecutor {
  getState(namespace: string, key: string): Uint8Array | undefined;
  getStateMetadata(namespace: string, key: string): ReadonlyMap<string, Uint8Array> | undefined;
  /** Keys from `startKey` (included; '' = first) to `endKey` (excluded; '' = no end) in byte order. */
  getStateRange(namespace: string, startKey: string, endKey: string): ResultsIterator<KeyValue>;
  getPrivateData(namespace: string, collection: string, key: string): Uint8Array | undefined;
  getPrivateDataHash(namespace: string, collection: string, key: string): Uint8Array | undefined;
  /** Metadata of a private key by the SHA-256 of the key, as the commit's key-level endorsement needs it. */
  getPrivateDataMetadataByHash(
    namespace: string,
    collection: string,
    keyHash: Uint8Array,
  ): ReadonlyMap<string, Uint8Array> | undefined;
  /** Ends the snapshot. A second call does nothing. */
  done(): void;
}

/** What a simulation read and wrote. */
export interface SimulationResults {
  /** Marshalled TxReadWriteSet; empty when nothing was read or written. */
  readonly publicBytes: Uint8Array;
  /** Present when private data was written. */
  readonly privateSet?: ledger.rwset.TxPvtReadWriteSet;
}

/**
 * Simulates one transaction: reads committed state (never its own writes) and records a read-write set
 * byte for byte as Fabric endorses it (contract 3.1). Errors are Fabric's texts of contract 3.
 */
export interface TxSimulator extends QueryExecutor {
  setState(namespace: string, key: string, value: Uint8Array): void;
  deleteState(namespace: string, key: string): void;
  setStateMetadata(namespace: string, key: string, metadata: ReadonlyMap<string, Uint8Array>): void;
  getStateRangeWithPagination(
    namespace: string,
    startKey: string,
    endKey: string,
    pageSize: number,
  ): PagedResults;
  /** Throws `ExecuteQuery not supported for leveldb`. */
  executeQuery(namespace: string, query: string): never;
  setPrivateData(namespace: string, collection: string, key: string, value: Uint8Array): void;
  deletePrivateData(namespace: string, collection: string, key: string): void;
  getPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
  ): ReadonlyMap<string, Uint8Array> | undefined;
  setPrivateDataMetadata(
    namespace: string,
    collection: string,
    key: string,
    metadata: ReadonlyMap<string, Uint8Array>,
  ): void;
  getPrivateDataRange(
    namespace: string,
    collection: string,
    startKey: string,
    endKey: string,
  ): ResultsIterator<KeyValue>;
  /** May be called once; the simulator takes no more reads or writes afterwards. */
  getTxSimulationResults(): SimulationResults;
}

export interface HistoryQueryExecutor {
  /** Oldest first. */
  getHistoryForKey(namespace: string, key: string): ResultsIterator<ledger.queryresult.KeyModification>;
}

/** A validated block that is to be committed: one code of peer.TxValidationCode per transaction, before MVCC. */
export interface BlockToCommit {
  readonly block: common.Block;
  /** Codes of contract 12.1 from the validation; MVCC (11, 12) are added by the ledger for codes that are VALID (0). */
  readonly codes: Uint8Array;
}

export interface TransactionStatus {
  readonly txId: string;
  readonly code: number;
}

export interface CommittedBlock {
  readonly block: common.Block;
  /** In block order. txId is '' where the envelope has none. */
  readonly transactions: readonly TransactionStatus[];
}

/** The ledger of one channel. */
export interface PeerLedger {
  readonly channelId: string;
  /** Number of blocks. */
  readonly height: number;
  getBlockchainInfo(): common.BlockchainInfo;
  newTxSimulator(txId: string): TxSimulator;
  newQueryExecutor(): QueryExecutor;
  newHistoryQueryExecutor(): HistoryQueryExecutor;
  hasTransaction(txId: string): boolean;
  /** The four below throw `Entry not found in index` when there is no such entry. */
  getBlockByNumber(blockNumber: number): common.Block;
  getBlockByHash(hash: Uint8Array): common.Block;
  getBlockByTxId(txId: string): common.Block;
  getTransactionById(txId: string): peer.ProcessedTransaction;
  /** Checks MVCC and phantoms, then writes block, state, history and indexes in one atomic, synced batch. */
  commit(block: BlockToCommit): Promise<CommittedBlock>;
  /** Keeps the private writes of an endorsed transaction until its block comes; forgotten when it never does. */
  keepPrivateData(txId: string, privateSet: ledger.rwset.TxPvtReadWriteSet): Promise<void>;
  /** Resolves when the height is greater than blockNumber; rejects when the signal aborts or the ledger closes. */
  waitForBlock(blockNumber: number, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
