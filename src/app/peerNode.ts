import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { AclManager } from '../acl/aclManager.js';
import { LocalPolicies } from '../acl/localPolicies.js';
import { ProposalSigners } from '../acl/proposalSigners.js';
import type { CompiledConfig } from '../config/compile.js';
import { Endorser } from '../endorser/endorser.js';
import { endorserService } from '../endorser/endorserService.js';
import { EndorserMetrics } from '../endorser/metrics.js';
import { wrap } from '../errors.js';
import type { GrpcMetrics } from '../grpc/metrics.js';
import { GrpcServer } from '../grpc/server.js';
import { LedgerProvider } from '../ledger/ledgerProvider.js';
import { loadLocalMsp } from '../msp/localMsp.js';
import { HealthRegistry } from '../ops/health.js';
import type { LogRegistry } from '../ops/logRegistry.js';
import { FilePackageStore } from '../packages/fileStore.js';
import { ChannelRegistry } from '../peer/channelRegistry.js';
import { Committer } from '../peer/committer.js';
import { CommitterMetrics } from '../peer/metrics.js';
import type { BlockSource } from '../peer/types.js';
import { Cscc } from '../scc/cscc/cscc.js';
import { Lscc } from '../scc/lscc/lscc.js';
import { LsccLifecycle } from '../scc/lscc/lifecycle.js';
import { Qscc } from '../scc/qscc/qscc.js';
import { SystemChaincodeRegistry } from '../scc/registry.js';
import { BlockValidator } from '../validation/txValidator.js';
import { chaincodeListener } from './chaincodeListener.js';
import { peerDelivery } from './delivery.js';
import { launchTimeline } from './launchTimeline.js';
import { composeLaunching } from './launching.js';
import { startOperations } from './operations.js';
import { retireVersions } from './retireVersions.js';
import { readServerTls } from './serverTls.js';
import { ShutdownStack } from './shutdown.js';
import { userProvider } from './userProvider.js';
import { fabricVersion } from './version.js';

export interface PeerNodeParts {
  readonly config: CompiledConfig;
  readonly logs: LogRegistry;
  readonly metrics: Registry;
  /** One for all listeners of this process. */
  readonly grpcMetrics: GrpcMetrics;
  /** Where its blocks come from; the channels tell which orderers they have. */
  readonly blocks: (channels: ChannelRegistry) => BlockSource;
  /** Where builds and launch folders of chaincode processes lie; default below peer.fileSystemPath. */
  readonly processDir?: string;
}

/** A running endorsing peer. */
export interface PeerNode {
  /** host:port of Endorser and Deliver. */
  readonly address: string;
  /** host:port that chaincode dials. */
  readonly chaincodeAddress: string;
  readonly operationsAddress: string;
  readonly channels: ChannelRegistry;
  stop(): Promise<void>;
}

/** Time that running calls get to end when the peer stops. */
const stopGraceMs = 2_000;

/** Builds and starts everything of one endorsing peer; what was started is ended again when a later part fails. */
export async function startPeerNode(parts: PeerNodeParts): Promise<PeerNode> {
  const shutdown = new ShutdownStack(parts.logs.logger('app'));
  try {
    return await start(parts, shutdown);
  } catch (error) {
    await shutdown.stop();
    throw error;
  }
}

async function start(parts: PeerNodeParts, shutdown: ShutdownStack): Promise<PeerNode> {
  const { config, logs, metrics, grpcMetrics } = parts;
  const dataDir = config.peer.fileSystemPath;
  const { msp: localMsp, signer } = await loadLocalMsp(config.peer.mspConfigPath, config.peer.localMspId);
  const tls = await readServerTls(config.peer.tls, 'peer.tls');

  const ledgers = await LedgerProvider.open(join(dataDir, 'ledgersData'), { metrics });
  shutdown.push('the ledgers', () => ledgers.close());
  const channels = new ChannelRegistry({
    ledgers,
    validator: new BlockValidator({ logger: logs.logger('committer.txvalidator') }),
    logger: logs.logger('committer'),
  });
  await channels.openAll();

  const packages = new FilePackageStore({
    dir: join(dataDir, 'chaincodes'),
    logger: logs.logger('ccprovider'),
  });
  const signers = new ProposalSigners();
  const localPolicies = new LocalPolicies(localMsp, signers);
  const acl = new AclManager({ channels, localPolicies, signers });
  const lifecycle = new LsccLifecycle(packages);
  const chaincodes = [
    new Lscc({ packages, channels, acl, localPolicies, signers, logger: logs.logger('lscc') }),
    new Cscc({ channels, join: (block) => channels.join(block), acl, localPolicies }),
    new Qscc({ channels, acl }),
  ];
  const systemChaincodes = new SystemChaincodeRegistry(chaincodes);

  const listener = await chaincodeListener(config, tls !== undefined, grpcMetrics);
  const provider = await userProvider({
    config,
    logs,
    metrics,
    launchCa: listener.launchCa,
    chaincodeAddress: listener.endpoint,
    ...(parts.processDir !== undefined && { processDir: parts.processDir }),
  });
  const launching = composeLaunching({
    config,
    logs,
    metrics,
    packages,
    channels,
    lifecycle,
    systemChaincodes,
    acl,
    launchCa: listener.launchCa,
    chaincodeAddress: listener.endpoint,
    userProvider: provider,
  });
  listener.server.addService(launching.service.definition, launching.service.implementation);
  shutdown.push('the chaincode listener', () => listener.server.stop(stopGraceMs));
  shutdown.push('the chaincodes', () => launching.stop());
  await listener.server.start();
  await launching.startSystemChaincodes(chaincodes.filter(({ name }) => config.chaincode.system[name]));

  const endorser = new Endorser({
    channels,
    localMsp,
    acl,
    systemChaincodes,
    signers,
    packages,
    lifecycle,
    executor: launching.support,
    signer,
    systemVersion: fabricVersion,
    metrics: new EndorserMetrics(metrics),
    launches: launching.journal,
    logger: logs.logger('endorser'),
  });
  const server = new GrpcServer({
    address: config.peer.listenAddress,
    metrics: grpcMetrics,
    ...(tls && { tls }),
  });
  const endorsing = endorserService(endorser);
  server.addService(endorsing.definition, endorsing.implementation);
  const delivering = peerDelivery({ channels, config, logs, metrics });
  server.addService(delivering.definition, delivering.implementation);

  channels.onBlock(launchTimeline(launching.journal));
  const retirement = retireVersions({
    channels,
    chaincodes: launching.support,
    policy: config.vm.retire,
    logger: logs.logger('chaincode'),
  });
  channels.onBlock(retirement);
  shutdown.push('the retirement of old versions', async () => retirement.stop());
  const committer = new Committer({
    channels,
    source: parts.blocks(channels),
    metrics: new CommitterMetrics(metrics),
    logger: logs.logger('committer'),
  });
  committer.start();
  shutdown.push('the committer', async () => {
    await committer.stop();
    await channels.idle();
  });
  await server.start();
  shutdown.push('the peer listener', () => server.stop(stopGraceMs));

  const health = new HealthRegistry();
  health.register(launching.userProvider.name, () => launching.userProvider.healthCheck());
  const operations = await startOperations({
    operations: config.operations,
    metricsProvider: config.metrics.provider,
    logs,
    metrics,
    health,
    journal: launching.journal,
    ready: async () => {
      const [trouble] = committer.troubles();
      if (trouble) throw wrap(`channel ${trouble.channelId} does not go on`, trouble.error);
    },
  });
  shutdown.push('the operations endpoint', () => operations.stop());
  return {
    address: server.address,
    chaincodeAddress: listener.endpoint(),
    operationsAddress: operations.address,
    channels,
    stop: () => shutdown.stop(),
  };
}
