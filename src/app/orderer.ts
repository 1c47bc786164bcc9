import { readFile } from 'node:fs/promises';
import { LauncherError, messageOf } from '../errors.js';
import { GrpcMetrics } from '../grpc/metrics.js';
import type { ServerTls } from '../grpc/server.js';
import { HealthRegistry } from '../ops/health.js';
import { readGenesisBlocks } from './genesisBlocks.js';
import { interrupted } from './interrupted.js';
import { startOperations } from './operations.js';
import type { OrdererFlags } from './ordererFlags.js';
import { startOrdererNode } from './ordererNode.js';
import { programLogs } from './programLogs.js';
import { ShutdownStack } from './shutdown.js';

/** Runs the solo ordering service until it is interrupted. */
export async function runOrderer(flags: OrdererFlags): Promise<void> {
  const tls = await listenerTls(flags);
  const genesisBlocks = await readGenesisBlocks(flags.genesisBlock);
  const { logs, metrics } = await programLogs(process.env['FABRIC_LOGGING_SPEC'] ?? 'info', flags.verbose);
  const logger = logs.logger('app');
  const shutdown = new ShutdownStack(logger);
  try {
    const orderer = await startOrdererNode({
      dir: flags.data,
      mspDir: flags.msp,
      mspId: flags.mspId,
      genesisBlocks: genesisBlocks.map(({ block }) => block),
      address: flags.listen,
      ...(tls && { tls }),
      logs,
      metrics: new GrpcMetrics(metrics),
    });
    shutdown.push('the orderer', () => orderer.stop());
    const operations = await startOperations({
      operations: {
        listenAddress: flags.operationsAddress,
        tls: { enabled: false, clientAuthRequired: false, clientRootCaFiles: [] },
      },
      metricsProvider: 'prometheus',
      logs,
      metrics,
      health: new HealthRegistry(),
      ready: () => Promise.resolve(),
    });
    shutdown.push('the operations endpoint', () => operations.stop());
    logger.info(
      { channels: genesisBlocks.map(({ channelId }) => channelId) },
      `orderer started: ${orderer.address}, operations ${operations.address}`,
    );
    await interrupted();
    logger.info('orderer stops');
  } catch (error) {
    logger.error({ err: error }, messageOf(error));
    throw error;
  } finally {
    await shutdown.stop();
  }
}

/** TLS unless it is refused in so many words. */
async function listenerTls(flags: OrdererFlags): Promise<ServerTls | undefined> {
  if (flags.insecure) return undefined;
  if (!flags.tlsCert || !flags.tlsKey) {
    throw new LauncherError('--tls-cert and --tls-key are needed; --insecure listens without TLS');
  }
  return { cert: await readFile(flags.tlsCert), key: await readFile(flags.tlsKey) };
}
