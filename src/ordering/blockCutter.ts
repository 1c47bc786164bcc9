import type { OrdererSettings } from '../channelconfig/types.js';

export type BatchSize = Pick<OrdererSettings, 'maxMessageCount' | 'preferredMaxBytes'>;

/** Gathers messages into batches by count and size (orderer/common/blockcutter). */
export class BlockCutter {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /**
   * The batches that are complete with this message, in order.
   * @param bytes its size as the limits count it: payload and signature
   */
  add(message: Uint8Array, bytes: number, size: BatchSize): Uint8Array[][] {
    const batches: Uint8Array[][] = [];
    if (bytes > size.preferredMaxBytes) {
      if (this.hasPending) batches.push(this.cut());
      batches.push([message]);
      return batches;
    }
    if (this.#pendingBytes + bytes > size.preferredMaxBytes && this.hasPending) batches.push(this.cut());
    this.#pending.push(message);
    this.#pendingBytes += bytes;
    if (this.#pending.length >= size.maxMessageCount) batches.push(this.cut());
    return batches;
  }

  /** What has gathered so far. */
  cut(): Uint8Array[] {
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    return batch;
  }
}
