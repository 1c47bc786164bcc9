import { EventEmitter, once } from 'node:events';
import { LauncherError } from '../errors.js';
import { blockHeaderHash, blockTransactions } from '../channelconfig/blocks.js';
import { common, type peer } from '../protos/index.js';
import { commitHashOf, prepareCommit, requireNext } from './blockCommit.js';
import { BlockStore } from './blockStore.js';
import { ChannelCollectionGuard } from './collections.js';
import { KeyHistory } from './history.js';
import { keys } from './keys.js';
import { StateReader, type Database } from './ledgerDb.js';
import type { LedgerMetrics } from './metrics.js';
import { PrivateData } from './privateData.js';
import { SnapshotQueryExecutor } from './queryExecutor.js';
import { SnapshotTxSimulator } from './simulator.js';
import { transactionId } from './transactions.js';
import type {
  BlockToCommit,
  CommittedBlock,
  HistoryQueryExecutor,
  PeerLedger,
  QueryExecutor,
  TxSimulator,
} from './types.js';
import type { ledger } from '../protos/index.js';

/** The ledger of one channel over one ordered store (core/ledger/kvledger). */
export class KvLedger implements PeerLedger {
  readonly channelId: string;
  readonly #database: Database;
  readonly #blocks: BlockStore;
  readonly #state: StateReader;
  readonly #privateData: PrivateData;
  readonly #guard: ChannelCollectionGuard;
  readonly #metrics: LedgerMetrics | undefined;
  readonly #events = new EventEmitter().setMaxListeners(0);
  #height: number;
  #lastHash: Uint8Array = new Uint8Array();
  #commitHash: Uint8Array | undefined;
  #committing: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @param database open; the ledger closes it */
  constructor(channelId: string, database: Database, metrics?: LedgerMetrics) {
    this.channelId = channelId;
    this.#database = database;
    this.#blocks = new BlockStore(database);
    this.#state = new StateReader(database);
    this.#privateData = new PrivateData(database);
    this.#guard = new ChannelCollectionGuard(channelId);
    this.#metrics = metrics;
    this.#height = Number(database.getSync(keys.meta('height'))?.readBigUInt64BE() ?? 0n);
    if (this.#height > 0) this.#readTip();
    metrics?.blockchainHeight.set({ channel: channelId }, this.#height);
  }

  get height(): number {
    return this.#height;
  }

  getBlockchainInfo(): common.BlockchainInfo {
    const info = new common.BlockchainInfo();
    info.setHeight(this.#height);
    info.setCurrentblockhash(this.#lastHash);
    if (this.#height > 1) {
      const header = this.#blocks.byNumber(this.#height - 1).getHeader();
      info.setPreviousblockhash(header?.getPreviousHash_asU8() ?? new Uint8Array());
    }
    return info;
  }

  newTxSimulator(txId: string): TxSimulator {
    this.#requireOpen();
    return new SnapshotTxSimulator(this.#database, this.#guard, txId);
  }

  newQueryExecutor(): QueryExecutor {
    this.#requireOpen();
    return new SnapshotQueryExecutor(this.#database, this.#guard);
  }

  newHistoryQueryExecutor(): HistoryQueryExecutor {
    this.#requireOpen();
    return new KeyHistory(this.#database, this.#blocks);
  }

  hasTransaction(txId: string): boolean {
    return this.#blocks.hasTransaction(txId);
  }

  getBlockByNumber(blockNumber: number): common.Block {
    return this.#blocks.byNumber(blockNumber);
  }

  getBlockByHash(hash: Uint8Array): common.Block {
    return this.#blocks.byHash(hash);
  }

  getBlockByTxId(txId: string): common.Block {
    return this.#blocks.byTxId(txId);
  }

  getTransactionById(txId: string): peer.ProcessedTransaction {
    return this.#blocks.transaction(txId);
  }

  async keepPrivateData(
    txId: string,
    privateSet: InstanceType<typeof ledger.rwset.TxPvtReadWriteSet>,
  ): Promise<void> {
    this.#requireOpen();
    await this.#privateData.keep(txId, privateSet, this.#height);
  }

  /** Blocks are committed one after the other, in the order of the calls. */
  commit(block: BlockToCommit): Promise<CommittedBlock> {
    const result = this.#committing.then(() => this.#commitNow(block));
    this.#committing = result.catch(() => undefined);
    return result;
  }

  async waitForBlock(blockNumber: number, signal?: AbortSignal): Promise<void> {
    while (this.#height <= blockNumber) {
      this.#requireOpen();
      await once(this.#events, 'change', signal ? { signal } : {});
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#committing;
    this.#events.emit('change');
    await this.#database.close();
  }

  async #commitNow(toCommit: BlockToCommit): Promise<CommittedBlock> {
    this.#requireOpen();
    const { block } = toCommit;
    requireNext(block, this.#height, this.#lastHash);
    const stop = this.#metrics?.commitTimer(this.channelId);
    const prepared = await prepareCommit(toCommit, {
      state: this.#state,
      blocks: this.#blocks,
      privateData: this.#privateData,
      previousCommitHash: this.#commitHash,
    });
    stop?.prepared();
    const height = Buffer.alloc(8);
    height.writeBigUInt64BE(BigInt(this.#height + 1));
    await this.#database.batch(
      [...prepared.operations, { type: 'put', key: keys.meta('height'), value: height }],
      {
        sync: true,
      },
    );
    this.#height++;
    this.#commitHash = prepared.commitHash;
    this.#lastHash = blockHeaderHash(block.getHeader() ?? new common.BlockHeader());
    stop?.written();
    this.#metrics?.committed(this.channelId, this.#height, block, prepared.codes);
    this.#events.emit('change');
    const transactions = blockTransactions(block).map((envelope, index) => ({
      txId: transactionId(envelope),
      code: prepared.codes[index] ?? 0,
    }));
    return { block, transactions };
  }

  #readTip(): void {
    const tip = this.#blocks.byNumber(this.#height - 1);
    this.#lastHash = blockHeaderHash(tip.getHeader() ?? new common.BlockHeader());
    this.#commitHash = commitHashOf(tip);
  }

  #requireOpen(): void {
    if (this.#closed) throw new LauncherError(`the ledger of channel ${this.channelId} is closed`);
  }
}
