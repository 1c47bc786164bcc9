import { join } from 'node:path';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { channelIdFromBlock } from '../channelconfig/bundle.js';
import { ordererDeliver } from '../deliver/services.js';
import type { DeliverChannel } from '../deliver/types.js';
import { LauncherError } from '../errors.js';
import type { SigningIdentity } from '../msp/types.js';
import type { Logger } from '../ops/log.js';
import { orderer, type common } from '../protos/index.js';
import { broadcastService } from './broadcast.js';
import { OrdererStore } from './ordererStore.js';
import { SoloChain } from './soloChain.js';

export interface SoloOrdererOptions {
  readonly dir: string;
  readonly signer: SigningIdentity;
  readonly logger: Logger;
}

/** The embedded ordering service: one process, the order of arrival (orderer/consensus/solo). */
export class SoloOrderer {
  readonly #options: SoloOrdererOptions;
  readonly #chains = new Map<string, SoloChain>();

  constructor(options: SoloOrdererOptions) {
    this.#options = options;
  }

  /** Serves the channel of this genesis block, from where its store ends. */
  async addChannel(genesisBlock: common.Block): Promise<void> {
    const channelId = channelIdFromBlock(genesisBlock);
    const store = await OrdererStore.open(join(this.#options.dir, channelId));
    const { signer, logger } = this.#options;
    this.#chains.set(channelId, await SoloChain.open({ store, signer, logger }, genesisBlock));
  }

  /** `orderer.AtomicBroadcast`. */
  service(): { definition: ServiceDefinition; implementation: UntypedServiceImplementation } {
    const { logger } = this.#options;
    return {
      definition: orderer.AtomicBroadcastService,
      implementation: {
        broadcast: broadcastService((channelId) => this.#chains.get(channelId), logger),
        deliver: ordererDeliver({ channels: (channelId) => this.#deliverChannel(channelId), logger }),
      },
    };
  }

  /** Blocks in order from number `from` on, for a peer in the same process; ends when the signal aborts. */
  async *blocks(channelId: string, from: number, signal: AbortSignal): AsyncGenerator<common.Block> {
    const chain = this.#chains.get(channelId);
    if (!chain) throw new LauncherError(`channel ${channelId} not found`);
    for (let next = from; ; next++) {
      await chain.store.waitForBlock(next, signal);
      yield chain.store.getBlock(next);
    }
  }

  /** Writes what is pending and closes the stores. */
  async close(): Promise<void> {
    await Promise.all([...this.#chains.values()].map((chain) => chain.close()));
    this.#chains.clear();
  }

  #deliverChannel(channelId: string): DeliverChannel | undefined {
    const chain = this.#chains.get(channelId);
    if (!chain) return undefined;
    const { store } = chain;
    return {
      blocks: store,
      get configSequence() {
        return chain.resources.sequence;
      },
      checkAccess: async (envelope, creator) => {
        const policy = chain.resources.policies.getPolicy('/Channel/Readers');
        if (!policy) throw new LauncherError('could not find policy /Channel/Readers');
        await policy.evaluateSignedData([
          { data: envelope.getPayload_asU8(), identity: creator, signature: envelope.getSignature_asU8() },
        ]);
      },
      expiresAt: (creator) => chain.resources.deserializer.deserializeIdentity(creator).expiresAt,
    };
  }
}
