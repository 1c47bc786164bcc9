import { blockHeaderHash } from '../channelconfig/blocks.js';
import { channelResourcesFromBlock, channelResourcesFromConfig } from '../channelconfig/bundle.js';
import { proposeConfigUpdate } from '../channelconfig/configUpdate.js';
import type { ChannelResources } from '../channelconfig/types.js';
import { LauncherError, messageOf } from '../errors.js';
import type { SigningIdentity } from '../msp/types.js';
import type { Logger } from '../ops/log.js';
import { common } from '../protos/index.js';
import { BlockCutter } from './blockCutter.js';
import { configTransaction, lastConfigOf, nextBlock } from './blockWriter.js';
import type { OrdererStore } from './ordererStore.js';

export interface SoloChainParts {
  readonly store: OrdererStore;
  readonly signer: SigningIdentity;
  readonly logger: Logger;
}

/** Messages that wait to be put into blocks, at most. */
const queueLimit = 1000;

/** A transaction that has passed the checks of Broadcast. */
export interface OrderedMessage {
  /** The marshalled envelope. */
  readonly bytes: Uint8Array;
  /** Bytes of payload and signature. */
  readonly size: number;
  /** Checks it again under the configuration of now; the reason when it is refused. */
  refusal(): Promise<string | undefined>;
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
  #queued = 0;
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
    else requireSameGenesis(store.getBlock(0), genesisBlock);
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

  /**
   * Queues a transaction. Like Fabric's solo it is acknowledged when queued, not when written; the promise resolves
   * when the queue has room, so that a fast client waits for the disk.
   */
  async order(message: OrderedMessage): Promise<void> {
    while (this.#queued >= queueLimit) await this.#tail;
    this.#requireRunning();
    this.#queued++;
    const checkedWith = this.#resources;
    // A failure has halted the chain and is in the log.
    void this.#enqueue(async () => {
      this.#queued--;
      if (this.#resources !== checkedWith && !(await this.#stillAllowed(message))) return;
      const { bytes, size } = message;
      for (const batch of this.#cutter.add(bytes, size, this.#resources.orderer)) await this.#write(batch);
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

  /** The configuration has changed since the message was accepted: it is checked again, and dropped as Fabric does. */
  async #stillAllowed(message: OrderedMessage): Promise<boolean> {
    const why = await message.refusal();
    if (why === undefined) return true;
    this.#logger.warn(`Discarding bad normal message: ${why}`);
    return false;
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

function requireSameGenesis(stored: common.Block, given: common.Block): void {
  const hash = (block: common.Block): string =>
    Buffer.from(blockHeaderHash(block.getHeader() ?? new common.BlockHeader())).toString('hex');
  if (hash(stored) === hash(given)) return;
  throw new LauncherError(
    `the orderer has another genesis block of this channel (stored ${hash(stored)}, given ${hash(given)}); use another data folder`,
  );
}
