import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { AclManager } from '../acl/aclManager.js';
import { CertAuth } from '../chaincode/certAuth.js';
import { ChaincodeSupport } from '../chaincode/chaincodeSupport.js';
import { stateCollectionAccess } from '../chaincode/collectionAccess.js';
import { HandlerRegistry } from '../chaincode/handlerRegistry.js';
import { parseInstance } from '../chaincode/instance.js';
import type { LaunchCa } from '../chaincode/launchCa.js';
import { ChaincodeMetrics } from '../chaincode/metrics.js';
import { registerService, type GrpcService } from '../chaincode/registerService.js';
import type { Channels, Lifecycle, SystemChaincodes } from '../chaincode/types.js';
import type { CompiledConfig } from '../config/compile.js';
import { ContainerRuntime } from '../launcher/containerRuntime.js';
import { InprocVMProvider } from '../launcher/inproc/inprocProvider.js';
import type { SystemChaincode } from '../launcher/inproc/types.js';
import { LaunchJournal } from '../launcher/journal.js';
import { LaunchMetrics } from '../launcher/metrics.js';
import { storePackageProvider } from '../launcher/packageProvider.js';
import { RuntimeLauncher } from '../launcher/runtimeLauncher.js';
import type { VMProvider } from '../launcher/types.js';
import { VMController } from '../launcher/vmController.js';
import type { LogRegistry } from '../ops/logRegistry.js';
import type { PackageStore } from '../packages/types.js';
import { fabricVersion } from './version.js';

/** What launching and running chaincode is built from. */
export interface LaunchingParts {
  readonly config: CompiledConfig;
  readonly logs: LogRegistry;
  readonly metrics: Registry;
  readonly packages: PackageStore;
  readonly channels: Channels;
  readonly lifecycle: Lifecycle;
  readonly systemChaincodes: SystemChaincodes & { readonly names: readonly string[] };
  readonly acl: AclManager;
  /** undefined = TLS is off, and chaincode proves nothing. */
  readonly launchCa: LaunchCa | undefined;
  /** host:port that chaincode dials; asked at each launch. */
  readonly chaincodeAddress: () => string;
  /** Runs user chaincode; made by userProvider(). */
  readonly userProvider: VMProvider;
}

/** The part of a peer that launches chaincode and talks to it. */
export interface Launching {
  readonly support: ChaincodeSupport;
  readonly journal: LaunchJournal;
  readonly userProvider: VMProvider;
  /** The service of the chaincode listener. */
  readonly service: GrpcService;
  /** Registers the system chaincodes and runs their INIT. */
  startSystemChaincodes(chaincodes: readonly SystemChaincode[]): Promise<void>;
  /** Ends everything that was launched. */
  stop(): Promise<void>;
}

/** Wires HandlerRegistry, RuntimeLauncher, ContainerRuntime, VMController and the providers. */
export function composeLaunching(parts: LaunchingParts): Launching {
  const { config, logs } = parts;
  const launchMetrics = new LaunchMetrics(parts.metrics);
  const journal = new LaunchJournal({ onStep: launchMetrics.onStep });
  const userRunsChaincode = config.chaincode.mode === 'dev';
  const registry = new HandlerRegistry(userRunsChaincode, (cname) =>
    launcher.streamEnded({ ...parseInstance(cname), path: '', type: 'NODE', containerType: 'DOCKER' }),
  );
  const auth = parts.launchCa && new CertAuth(parts.launchCa);
  const { userProvider } = parts;
  const inproc = new InprocVMProvider();
  const controller = new VMController({ DOCKER: userProvider, SYSTEM: inproc });
  const launcher = new RuntimeLauncher({
    runtime: new ContainerRuntime({
      controller,
      peerAddress: parts.chaincodeAddress,
      logging: config.chaincode.logging,
      ...(auth && { certificates: auth }),
      localMspId: config.peer.localMspId,
    }),
    registry,
    packages: storePackageProvider(parts.packages),
    journal,
    metrics: launchMetrics,
    logger: logs.logger('chaincode'),
    startupTimeoutMs: config.chaincode.startupTimeoutMs,
  });
  const support = new ChaincodeSupport({
    registry,
    launcher,
    executeTimeoutMs: config.chaincode.executeTimeoutMs,
    userRunsChaincode,
    lifecycle: parts.lifecycle,
    acl: parts.acl,
    systemChaincodes: parts.systemChaincodes,
    systemVersion: fabricVersion,
    channels: parts.channels,
    collectionAccess: stateCollectionAccess,
    totalQueryLimit: config.ledger.totalQueryLimit,
    historyDatabase: config.ledger.enableHistoryDatabase,
    newId: randomUUID,
    metrics: new ChaincodeMetrics(parts.metrics),
    logger: logs.logger('chaincode'),
    keepaliveMs: config.chaincode.keepaliveMs,
  });
  inproc.serveWith(support);
  return {
    support,
    journal,
    userProvider,
    service: registerService({ handler: support, ...(auth && { auth }), logger: logs.logger('chaincode') }),
    async startSystemChaincodes(chaincodes): Promise<void> {
      for (const chaincode of chaincodes) inproc.register(chaincode);
      await support.startSystemChaincodes(chaincodes.map(({ name }) => name));
    },
    async stop(): Promise<void> {
      registry.close();
      await userProvider.close();
      await inproc.close();
    },
  };
}
