import type { common } from '../protos/index.js';

/** Blocks of one channel as a deliver stream reads them. */
export interface BlockReader {
  readonly height: number;
  getBlock(blockNumber: number): common.Block;
  /** Resolves when the height is greater than blockNumber; rejects when the signal aborts. */
  waitForBlock(blockNumber: number, signal: AbortSignal): Promise<void>;
}

/** What the deliver engine asks of a channel. */
export interface DeliverChannel {
  readonly blocks: BlockReader;
  /** Grows with each new configuration; access is checked again when it does. */
  readonly configSequence: number;
  /** Rejects when the envelope's signer may not read. */
  checkAccess(envelope: common.Envelope, creator: Uint8Array): Promise<void>;
  /** End of the signer's certificate. Throws when it does not decode. */
  expiresAt(creator: Uint8Array): Date;
}

/** Finds a channel; undefined when there is none of that id. */
export type DeliverChannels = (channelId: string) => DeliverChannel | undefined;
