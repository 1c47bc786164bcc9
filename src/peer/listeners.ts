import { openEnvelope } from '../channelconfig/blocks.js';
import type { Logger } from '../ops/log.js';
import type { BlockListener, CommitEvent } from './types.js';

/** Tells everybody who asked about blocks; an error of one of them is logged and harms nobody else. */
export class Listeners {
  readonly #listeners = new Set<BlockListener>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Returns the function that ends the subscription. */
  add(listener: BlockListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  received(channelId: string, blockNumber: number, transactions: readonly Uint8Array[]): void {
    if (this.#listeners.size === 0) return;
    const txIds = transactions.map(txIdOf);
    this.#tell((listener) => listener.blockReceived?.(channelId, blockNumber, txIds));
  }

  committed(event: CommitEvent): void {
    this.#tell((listener) => listener.blockCommitted?.(event));
  }

  #tell(call: (listener: BlockListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        call(listener);
      } catch (err) {
        this.#logger.error({ err }, 'a listener to blocks failed');
      }
    }
  }
}

function txIdOf(transaction: Uint8Array): string {
  try {
    return openEnvelope(transaction).channelHeader.getTxId();
  } catch {
    // Validation says what is wrong with it; here it only has no id.
    return '';
  }
}
