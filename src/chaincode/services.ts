import type { Logger } from '../ops/log.js';
import type { peer } from '../protos/index.js';
import type { CollectionAccess } from './collectionAccess.js';
import type { ChaincodeMetrics } from './metrics.js';
import type { ExecutionParams } from './transactionContext.js';
import type { AclProvider, Channels, Lifecycle, SystemChaincodes } from './types.js';

/** Runs another chaincode in the same transaction (contract 2.4). */
export interface Invoker {
  invoke(
    params: ExecutionParams,
    name: string,
    version: string,
    input: peer.ChaincodeInput,
  ): Promise<peer.ChaincodeMessage>;
}

/** What requests of chaincode are served with; the same for all streams. */
export interface HandlerServices {
  readonly invoker: Invoker;
  readonly lifecycle: Lifecycle;
  readonly acl: AclProvider;
  readonly systemChaincodes: SystemChaincodes;
  /** The version under which system chaincode is registered. */
  readonly systemVersion: string;
  readonly channels: Channels;
  readonly collectionAccess: CollectionAccess;
  /** ledger.state.totalQueryLimit. */
  readonly totalQueryLimit: number;
  /** ledger.history.enableHistoryDatabase. */
  readonly historyDatabase: boolean;
  /** A fresh iterator id. */
  readonly newId: () => string;
  readonly metrics: ChaincodeMetrics;
  readonly logger: Logger;
  /** Milliseconds between KEEPALIVE messages; 0 = none. Node shims end when they get one. */
  readonly keepaliveMs: number;
}
