import type { Channels } from '../chaincode/types.js';
import { channelResourcesFromBlock, channelResourcesFromConfig } from '../channelconfig/bundle.js';
import type { ChannelResources } from '../channelconfig/types.js';
import { LauncherError, wrap } from '../errors.js';
import type { PeerLedger } from '../ledger/types.js';
import type { Logger } from '../ops/log.js';
import { common, decode } from '../protos/index.js';
import { Channel } from './channel.js';
import { Listeners } from './listeners.js';
import type { BlockListener, LedgerStore, Validator } from './types.js';

/** Where the ledger keeps the channel's configuration: namespace '' (contract 22). */
const configKey = 'resourcesconfigtx.CHANNEL_CONFIG_KEY';

export interface ChannelRegistryOptions {
  readonly ledgers: LedgerStore;
  readonly validator: Validator;
  readonly logger: Logger;
}

/** The channels that this peer has joined (core/peer). */
export class ChannelRegistry implements Channels {
  readonly #ledgers: LedgerStore;
  readonly #validator: Validator;
  readonly #logger: Logger;
  readonly #listeners: Listeners;
  readonly #channels = new Map<string, Channel>();
  readonly #joining = new Set<string>();
  readonly #joined = new Set<(channel: Channel) => void>();

  constructor(options: ChannelRegistryOptions) {
    this.#ledgers = options.ledgers;
    this.#validator = options.validator;
    this.#logger = options.logger;
    this.#listeners = new Listeners(options.logger);
  }

  /** Opens what this peer joined before; the resources come from the configuration in each ledger. */
  async openAll(): Promise<void> {
    for (const ledger of await this.#ledgers.openAll()) {
      this.#add(ledger, resourcesFromLedger(ledger));
    }
  }

  /**
   * Joins the channel of a genesis block.
   * Rejects with cscc's texts of contract 8: `cannot create ledger from genesis block: LedgerID already exists` and others.
   */
  async join(genesisBlock: common.Block): Promise<Channel> {
    const resources = channelResourcesFromBlock(genesisBlock);
    const { channelId } = resources;
    if (this.#channels.has(channelId) || this.#joining.has(channelId)) {
      throw new LauncherError('cannot create ledger from genesis block: LedgerID already exists');
    }
    const number = genesisBlock.getHeader()?.getNumber() ?? 0;
    if (number !== 0) {
      throw new LauncherError(
        `cannot create ledger from genesis block: block number should have been 0 but was ${number}`,
      );
    }
    this.#joining.add(channelId);
    try {
      return this.#add(await this.#create(genesisBlock, channelId), resources);
    } finally {
      this.#joining.delete(channelId);
    }
  }

  get(channelId: string): Channel | undefined {
    return this.#channels.get(channelId);
  }

  /** Joined channels by id, sorted. */
  list(): Channel[] {
    return [...this.#channels.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  ledger(channelId: string): PeerLedger | undefined {
    return this.#channels.get(channelId)?.ledger;
  }

  resources(channelId: string): ChannelResources | undefined {
    return this.#channels.get(channelId)?.resources;
  }

  /** Hears of the blocks of all channels; returns the function that ends it. */
  onBlock(listener: BlockListener): () => void {
    return this.#listeners.add(listener);
  }

  /** Calls back for every channel joined from now on; returns the function that ends it. */
  onJoin(callback: (channel: Channel) => void): () => void {
    this.#joined.add(callback);
    return () => this.#joined.delete(callback);
  }

  /** Waits until no block is being worked on. The ledgers are closed by their store. */
  async idle(): Promise<void> {
    await Promise.all(this.list().map((channel) => channel.idle()));
  }

  async #create(genesisBlock: common.Block, channelId: string): Promise<PeerLedger> {
    try {
      return await this.#ledgers.create(genesisBlock, channelId);
    } catch (error) {
      throw wrap('cannot create ledger from genesis block', error);
    }
  }

  #add(ledger: PeerLedger, resources: ChannelResources): Channel {
    const channel = new Channel({
      ledger,
      resources,
      validator: this.#validator,
      listeners: this.#listeners,
      logger: this.#logger,
    });
    this.#channels.set(channel.id, channel);
    for (const callback of this.#joined) callback(channel);
    return channel;
  }
}

function resourcesFromLedger(ledger: PeerLedger): ChannelResources {
  const state = ledger.newQueryExecutor();
  try {
    const bytes = state.getState('', configKey);
    if (!bytes)
      throw new LauncherError(`the ledger of channel ${ledger.channelId} holds no channel configuration`);
    return channelResourcesFromConfig(ledger.channelId, decode(common.Config, bytes, 'Config'));
  } finally {
    state.done();
  }
}
