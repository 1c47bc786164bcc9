import { readFile } from 'node:fs/promises';
import type { CompiledConfig } from '../config/compile.js';
import { loadConfig } from '../config/load.js';
import { LauncherError, messageOf } from '../errors.js';
import { GrpcMetrics } from '../grpc/metrics.js';
import { loadLocalMsp } from '../msp/localMsp.js';
import { BlockClient, type OrderingService } from '../ordering/blockClient.js';
import type { Logger } from '../ops/log.js';
import type { ChannelRegistry } from '../peer/channelRegistry.js';
import type { BlockSource } from '../peer/types.js';
import type { EndorserFlags } from './endorserFlags.js';
import { readGenesisBlocks, type GenesisBlock } from './genesisBlocks.js';
import { interrupted } from './interrupted.js';
import { startPeerNode } from './peerNode.js';
import { programLogs } from './programLogs.js';

/** Runs an endorsing peer until it is interrupted (peer node start). */
export async function runEndorser(flags: EndorserFlags): Promise<void> {
  const { config, file, warnings } = await loadConfig({
    env: process.env,
    ...(flags.config !== undefined && { config: flags.config }),
  });
  const genesisBlocks = await readGenesisBlocks(flags.join);
  const { logs, metrics } = await programLogs(config.logging.spec, flags.verbose);
  const logger = logs.logger('app');
  for (const text of warnings) logger.warn(text);
  const peer = await startPeerNode({
    config,
    logs,
    metrics,
    grpcMetrics: new GrpcMetrics(metrics),
    blocks: await blockSource(config, logs.logger('deliveryClient')),
  });
  try {
    await joinMissing(peer.channels, genesisBlocks);
    logger.info(
      { config: file ?? 'none', channels: peer.channels.list().map(({ id }) => id) },
      `endorser ${config.peer.id} started: peer ${peer.address}, chaincode ${peer.chaincodeAddress}, operations ${peer.operationsAddress}`,
    );
    await interrupted();
    logger.info('endorser stops');
  } catch (error) {
    logger.error({ err: error }, messageOf(error));
    throw error;
  } finally {
    await peer.stop();
  }
}

/** Blocks of the orderers; TLS to them goes with the peer's own, as in Fabric 1.4. */
async function blockSource(
  config: CompiledConfig,
  logger: Logger,
): Promise<(channels: ChannelRegistry) => BlockSource> {
  const { tls, mspConfigPath, localMspId } = config.peer;
  const { signer } = await loadLocalMsp(mspConfigPath, localMspId);
  const ordererTls = tls.enabled && {
    tls: {
      roots: tls.rootCertFile ? [await readFile(tls.rootCertFile)] : [],
      ...(tls.clientAuthRequired &&
        tls.certFile &&
        tls.keyFile && { client: { cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) } }),
    },
  };
  return (channels) =>
    new BlockClient({
      signer,
      logger,
      ...ordererTls,
      orderingService(channelId): OrderingService | undefined {
        const resources = channels.resources(channelId);
        return resources && { addresses: resources.ordererAddresses, tlsRoots: resources.ordererTlsRoots };
      },
    });
}

async function joinMissing(channels: ChannelRegistry, genesisBlocks: readonly GenesisBlock[]): Promise<void> {
  for (const { channelId, block, file } of genesisBlocks) {
    if (channels.get(channelId)) continue;
    await channels.join(block).catch((error: unknown) => {
      throw new LauncherError(`cannot join the channel of ${file}: ${messageOf(error)}`, { cause: error });
    });
  }
}
