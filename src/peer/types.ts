import type { CommittedBlock, PeerLedger } from '../ledger/types.js';
import type { common } from '../protos/index.js';
import type { BlockVerdict, ChaincodeChange, ValidationContext } from '../validation/types.js';

/** Keeps the ledgers of all channels; the ledger folder's provider does it. */
export interface LedgerStore {
  /** Commits the genesis block as block 0. Rejects with `LedgerID already exists`. */
  create(genesisBlock: common.Block, channelId: string): Promise<PeerLedger>;
  openAll(): Promise<readonly PeerLedger[]>;
}

/** Gives the codes of a block; src/validation does it. */
export interface Validator {
  validate(block: common.Block, context: ValidationContext): Promise<BlockVerdict>;
}

/** Where a peer gets its blocks: an orderer in this process or one over the network. */
export interface BlockSource {
  /** Blocks in order from number `from` on, without an end; ends or throws when the signal aborts. */
  blocks(channelId: string, from: number, signal: AbortSignal): AsyncIterable<common.Block>;
}

/** A block that the ledger holds now. */
export interface CommitEvent extends CommittedBlock {
  readonly channelId: string;
  readonly blockNumber: number;
  /** Chaincodes that the block's valid transactions deployed or upgraded. */
  readonly chaincodes: readonly ChaincodeChange[];
}

/** Hears of blocks. A listener that throws does no harm: its error is logged. */
export interface BlockListener {
  /** A block came from the orderer and is about to be validated; txIds in block order, '' where there is none. */
  blockReceived?(channelId: string, blockNumber: number, txIds: readonly string[]): void;
  /** The block is written and readable. */
  blockCommitted?(event: CommitEvent): void;
}
