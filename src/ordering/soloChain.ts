import { channelResourcesFromBlock, channelResourcesFromConfig } from '../channelconfig/bundle.js';
import { proposeConfigUpdate } from '../channelconfig/configUpdate.js';
import type { ChannelResources } from '../channelconfig/types.js';
import { LauncherError, messageOf } from '../errors.js';
import type { SigningIdentity } from '../msp/types.js';
import type { Logger } from '../ops/log.js';
import type { common } from '../protos/index.js';
import { BlockCutter } from './blockCutter.js';
import { configTransaction, lastConfigOf, nextBlock } from './blockWriter.js';
import type { OrdererStore } from './ordererStore.js';

export interface SoloChainParts {
  readonly store: OrdererStore;
  readonly signer: SigningIdentity;
  readonly logger: Logger;
}

/** One channel of the solo orderer: takes messages in their order and writes blocks of them. */
export class SoloChain {
  readonly store: OrdererStore;
  readonly #signer: SigningIdentity;
  readonly #logger: Logger;
  readonly #cutter = new BlockCutter();
  #resources: ChannelResources;
  #lastConfig: number;
  #tail: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #halted: Error | undefined;

  private constructor(parts: SoloChainParts, resources: ChannelResources, lastConfig: number) {
    this.store = parts.store;
    this.#signer = parts.signer;
    this.#logger = parts.logger;
    this.#resources = resources;
    this.#lastConfig = lastConfig;
  }

  /** Starts the chain with its genesis block, or goes on with what the store holds. */
  static async open(parts: SoloChainParts, genesisBlock: common.Block): Promise<SoloChain> {
    const { store } = parts;
    if (store.height === 0) await store.append(genesisBlock);
    const lastConfig = lastConfigOf(store.getBlock(store.height - 1));
    return new SoloChain(parts, channelResourcesFromBlock(store.getBlock(lastConfig)), lastConfig);
  }

  /** True when a block could not be written, and when the chain was closed. */
  get halted(): boolean {
    return this.#halted !== undefined;
  }

  get resources(): ChannelResources {
    return this.#resources;
  }

  /** Queues a transaction. Like Fabric's solo it is acknowledged when queued, not when written. */
  order(message: Uint8Array): void {
    this.#requireRunning();
    // A failure has halted the chain and is in the log.
    void this.#enqueue(async () => {
      for (const batch of this.#cutter.add(message, this.#resources.orderer)) await this.#write(batch);
      this.#armTimer();
    }).catch(() => undefined);
  }

  /** Applies a configuration update as a block of its own. Rejects when the update is not allowed. */
  configure(updateEnvelope: Uint8Array): Promise<void> {
    this.#requireRunning();
    return this.#enqueue(async () => {
      const configEnvelope = await proposeConfigUpdate(this.#resources, updateEnvelope);
      const config = configEnvelope.getConfig();
      if (!config) throw new LauncherError('the update led to no configuration');
      const envelope = await configTransaction(this.#resources.channelId, configEnvelope, this.#signer);
      if (this.#cutter.hasPending) await this.#write(this.#cutter.cut());
      this.#armTimer();
      this.#lastConfig = this.store.height;
      await this.#write([envelope.serializeBinary()]);
      this.#resources = channelResourcesFromConfig(this.#resources.channelId, config);
    });
  }

  /** Writes what is pending and ends. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#enqueue(async () => {
      if (this.#cutter.hasPending) await this.#write(this.#cutter.cut());
      this.#halted ??= new LauncherError('the orderer is stopping');
    }).catch(() => undefined);
    await this.store.close();
  }

  #requireRunning(): void {
    if (this.#halted) throw this.#halted;
  }

  /** One thing after the other; a block that cannot be written halts the chain, because its order is lost. */
  #enqueue(work: () => Promise<void>): Promise<void> {
    const run = this.#tail.then(work);
    this.#tail = run.catch(() => undefined);
    return run;
  }

  #armTimer(): void {
    if (!this.#cutter.hasPending) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    // The time counts from the first message of a batch, so a running timer is left alone.
    if (!this.#cutter.hasPending || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#enqueue(async () => {
        if (this.#cutter.hasPending) await this.#write(this.#cutter.cut());
      }).catch(() => undefined);
    }, this.#resources.orderer.batchTimeoutMs);
  }

  async #write(batch: readonly Uint8Array[]): Promise<void> {
    try {
      const previous = this.store.getBlock(this.store.height - 1);
      await this.store.append(await nextBlock(previous, batch, this.#lastConfig, this.#signer));
    } catch (error) {
      this.#halted = new LauncherError(`the orderer cannot write: ${messageOf(error)}`, { cause: error });
      this.#logger.fatal({ err: error }, this.#halted.message);
      throw this.#halted;
    }
  }
}
