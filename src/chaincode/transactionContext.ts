import { LauncherError } from '../errors.js';
import type { HistoryQueryExecutor, TxSimulator } from '../ledger/types.js';
import type { peer } from '../protos/index.js';
import type { QueryContext } from './queryContext.js';

/** TransactionParams as the stream needs them: system chaincode is started without any proposal. */
export interface ExecutionParams {
  readonly channelId: string;
  readonly txId: string;
  readonly signedProposal?: peer.SignedProposal;
  readonly proposal?: peer.Proposal;
  readonly txSimulator?: TxSimulator;
  readonly historyQueryExecutor?: HistoryQueryExecutor;
  readonly creatorMspId: string;
}

/** One transaction that a chaincode works on: its simulator, its open queries, and who waits for the answer. */
export class TransactionContext {
  readonly params: ExecutionParams;
  readonly isInit: boolean;
  /** A request of this transaction is being worked on; a second one is refused. */
  requestPending = false;
  /** Collections whose read access was checked and granted. */
  readonly readableCollections = new Set<string>();
  readonly #queries = new Map<string, QueryContext>();
  readonly #resolve: (message: peer.ChaincodeMessage) => void;
  readonly #reject: (error: Error) => void;

  constructor(
    params: ExecutionParams,
    isInit: boolean,
    resolve: (message: peer.ChaincodeMessage) => void,
    reject: (error: Error) => void,
  ) {
    this.params = params;
    this.isInit = isInit;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** The transaction's simulator; throws `no ledger context` for a transaction without a channel. */
  get simulator(): TxSimulator {
    const { txSimulator } = this.params;
    if (!txSimulator) throw new LauncherError('no ledger context');
    return txSimulator;
  }

  openQuery(id: string, query: QueryContext): void {
    this.#queries.set(id, query);
  }

  query(id: string): QueryContext | undefined {
    return this.#queries.get(id);
  }

  /** Closes one query and forgets it; an unknown id is harmless. */
  closeQuery(id: string): void {
    this.#queries.get(id)?.results.close();
    this.#queries.delete(id);
  }

  closeQueries(): void {
    for (const query of this.#queries.values()) query.results.close();
    this.#queries.clear();
  }

  resolve(message: peer.ChaincodeMessage): void {
    this.closeQueries();
    this.#resolve(message);
  }

  reject(error: Error): void {
    this.closeQueries();
    this.#reject(error);
  }
}

/** The key of a context: channel and txid, as Fabric has it. */
export function contextKey(channelId: string, txId: string): string {
  return channelId + txId;
}
