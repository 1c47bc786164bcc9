import { setTimeout as sleep } from 'node:timers/promises';
import { LauncherError } from '../errors.js';
import type { Logger } from '../ops/log.js';
import type { common } from '../protos/index.js';
import type { Channel } from './channel.js';
import type { ChannelRegistry } from './channelRegistry.js';
import type { CommitterMetrics } from './metrics.js';
import type { BlockSource } from './types.js';

export interface CommitterOptions {
  readonly channels: ChannelRegistry;
  readonly source: BlockSource;
  readonly metrics: CommitterMetrics;
  readonly logger: Logger;
  /** First pause after an error, doubled with each further one; default 100 ms. */
  readonly minRetryMs?: number;
  /** Longest pause; default 10 s. */
  readonly maxRetryMs?: number;
}

/** What keeps a channel from going on at the moment. */
export interface ChannelTrouble {
  readonly channelId: string;
  readonly error: unknown;
}

/**
 * Pulls the blocks of every joined channel from the ordering service and has them committed, each channel by itself
 * (core/deliverservice and gossip/state without gossip). An error is never passed over: the same block is asked for
 * again after a pause.
 */
export class Committer {
  readonly #channels: ChannelRegistry;
  readonly #source: BlockSource;
  readonly #metrics: CommitterMetrics;
  readonly #logger: Logger;
  readonly #minRetryMs: number;
  readonly #maxRetryMs: number;
  readonly #abort = new AbortController();
  readonly #following = new Map<string, Promise<void>>();
  readonly #troubles = new Map<string, unknown>();
  #endJoins: (() => void) | undefined;

  constructor(options: CommitterOptions) {
    this.#channels = options.channels;
    this.#source = options.source;
    this.#metrics = options.metrics;
    this.#logger = options.logger;
    this.#minRetryMs = options.minRetryMs ?? 100;
    this.#maxRetryMs = options.maxRetryMs ?? 10_000;
  }

  /** Follows all channels joined so far and those that will be. */
  start(): void {
    if (this.#endJoins) return;
    this.#endJoins = this.#channels.onJoin((channel) => this.#follow(channel));
    for (const channel of this.#channels.list()) this.#follow(channel);
  }

  /** Ends the streams; a block that is being committed is finished first. */
  async stop(): Promise<void> {
    this.#endJoins?.();
    this.#abort.abort();
    await Promise.all(this.#following.values());
  }

  /** Channels whose next block cannot be committed, for the health check. An ordering service that is away is none: who endorses can do so without it. */
  troubles(): ChannelTrouble[] {
    return [...this.#troubles].map(([channelId, error]) => ({ channelId, error }));
  }

  #follow(channel: Channel): void {
    if (this.#following.has(channel.id) || this.#abort.signal.aborted) return;
    this.#following.set(channel.id, this.#run(channel, this.#abort.signal));
  }

  async #run(channel: Channel, signal: AbortSignal): Promise<void> {
    let pause = this.#minRetryMs;
    this.#metrics.follows(channel.id);
    while (!signal.aborted) {
      const before = channel.ledger.height;
      try {
        await this.#pull(channel, signal);
      } catch (err) {
        if (isAborted(signal)) return;
        this.#metrics.failed(channel.id);
        if (channel.ledger.height > before) pause = this.#minRetryMs;
        this.#logger.error(
          { err, channel: channel.id, height: channel.ledger.height },
          `[${channel.id}] cannot go on with block [${channel.ledger.height}], next attempt in ${pause} ms`,
        );
        // An aborted pause is the end of the committer, not an error.
        await sleep(pause, undefined, { signal }).catch(() => undefined);
        pause = Math.min(pause * 2, this.#maxRetryMs);
      }
    }
  }

  async #pull(channel: Channel, signal: AbortSignal): Promise<void> {
    for await (const block of this.#source.blocks(channel.id, channel.ledger.height, signal)) {
      if (isAborted(signal)) return;
      if (numberOf(block) < channel.ledger.height) continue;
      await channel.processBlock(block).catch((error: unknown) => {
        this.#troubles.set(channel.id, error);
        throw error;
      });
      this.#troubles.delete(channel.id);
    }
    if (!isAborted(signal)) throw new LauncherError('the block source ended');
  }
}

function numberOf(block: common.Block): number {
  return block.getHeader()?.getNumber() ?? 0;
}

/** Asks anew each time: the compiler would take an earlier answer for the present one. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
