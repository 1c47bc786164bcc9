import type { ChannelResources } from '../channelconfig/types.js';
import type { PeerLedger } from '../ledger/types.js';

/** What a block is validated against: the channel as it is before the block. */
export interface ValidationContext {
  readonly resources: ChannelResources;
  readonly ledger: Pick<PeerLedger, 'newQueryExecutor' | 'hasTransaction'>;
}

/** A chaincode that a valid lscc transaction deploys or upgrades. */
export interface ChaincodeChange {
  readonly txId: string;
  /** Index of the transaction in its block. */
  readonly txNum: number;
  readonly kind: 'deploy' | 'upgrade';
  readonly name: string;
  readonly version: string;
  /** Id of the package: SHA-256 as `list --installed` prints it. */
  readonly id: Uint8Array;
}

/** The verdict on a block before the state checks. */
export interface BlockVerdict {
  /** One code of peer.TxValidationCode per transaction; 11 and 12 are the ledger's. */
  readonly codes: Uint8Array;
  /** Why a transaction is invalid, in the words of Fabric's peer log; undefined for a valid one. */
  readonly reasons: readonly (string | undefined)[];
  /** What valid lscc transactions change; the ledger may still find a conflict. */
  readonly chaincodes: readonly ChaincodeChange[];
  /** The channel's next configuration when the block holds a CONFIG transaction. */
  readonly nextResources?: ChannelResources;
}
