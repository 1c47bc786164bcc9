import type { ServerTls } from '../grpc/server.js';
import { GrpcServer } from '../grpc/server.js';
import type { GrpcMetrics } from '../grpc/metrics.js';
import { loadLocalMsp } from '../msp/localMsp.js';
import type { LogRegistry } from '../ops/logRegistry.js';
import { SoloOrderer } from '../ordering/soloOrderer.js';
import type { BlockSource } from '../peer/types.js';
import type { common } from '../protos/index.js';
import { ShutdownStack } from './shutdown.js';

export interface OrdererNodeParts {
  /** Folder of the blocks of all channels. */
  readonly dir: string;
  readonly mspDir: string;
  readonly mspId: string;
  readonly genesisBlocks: readonly common.Block[];
  /** host:port to listen on. */
  readonly address: string;
  readonly tls?: ServerTls;
  readonly logs: LogRegistry;
  readonly metrics: GrpcMetrics;
}

/** The embedded ordering service while it listens. */
export interface OrdererNode {
  /** host:port */
  readonly address: string;
  /** For a peer in the same process. */
  readonly blocks: BlockSource;
  stop(): Promise<void>;
}

/** Opens the channels of the genesis blocks and serves Broadcast and Deliver. */
export async function startOrdererNode(parts: OrdererNodeParts): Promise<OrdererNode> {
  const shutdown = new ShutdownStack(parts.logs.logger('app'));
  try {
    const { signer } = await loadLocalMsp(parts.mspDir, parts.mspId);
    const orderer = new SoloOrderer({ dir: parts.dir, signer, logger: parts.logs.logger('orderer') });
    shutdown.push('the orderer', () => orderer.close());
    for (const block of parts.genesisBlocks) await orderer.addChannel(block);
    const server = new GrpcServer({
      address: parts.address,
      metrics: parts.metrics,
      ...(parts.tls && { tls: parts.tls }),
    });
    const { definition, implementation } = orderer.service();
    server.addService(definition, implementation);
    await server.start();
    shutdown.push('the orderer listener', () => server.stop(1_000));
    return { address: server.address, blocks: orderer, stop: () => shutdown.stop() };
  } catch (error) {
    await shutdown.stop();
    throw error;
  }
}
