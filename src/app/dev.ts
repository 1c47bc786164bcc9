import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Registry } from 'prom-client';
import { loadConfig, type LoadedConfig } from '../config/load.js';
import type { DevNode, DevOrganisation } from '../devnet/layout.js';
import { createDevNetwork, type DevNetwork } from '../devnet/network.js';
import { LauncherError } from '../errors.js';
import { GrpcMetrics } from '../grpc/metrics.js';
import type { LogRegistry } from '../ops/logRegistry.js';
import { writeClientFiles } from './devClientFiles.js';
import { fabricPorts, freePorts, type DevPorts } from './devPorts.js';
import { startOrdererNode, type OrdererNode } from './ordererNode.js';
import { startPeerNode, type PeerNode } from './peerNode.js';
import { ShutdownStack } from './shutdown.js';

export interface DevOptions {
  /** Folder of the network: material, ledgers, packages. */
  readonly data: string;
  /** `fabric` = Fabric's own ports; `free` = free ones, kept for the next start. */
  readonly ports: 'fabric' | 'free';
  readonly channelId: string;
  /** Folder of builds, to be shared by several networks. @default below data */
  readonly builds?: string;
  readonly config?: string;
  /** Overrides vm.provider. */
  readonly vm?: 'process' | 'docker' | 'kubernetes';
  /** Address of this machine under which chaincode reaches the peer; needed where chaincode runs elsewhere. @default 127.0.0.1 */
  readonly host?: string;
  /** Address that all listeners take, for clients elsewhere, who use `host`. @default 127.0.0.1, and `host` for chaincode */
  readonly listen?: string;
  /** Secret of the cluster that gets what clients need. */
  readonly clientSecret?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logs: (spec: string) => Promise<{ logs: LogRegistry; metrics: Registry }>;
}

/** A running development network: one peer and one orderer in this process. */
export interface RunningDev {
  readonly peer: PeerNode;
  readonly ordererAddress: string;
  readonly channelId: string;
  readonly mspId: string;
  readonly envFile: string;
  readonly profileFile: string;
  readonly created: boolean;
  stop(): Promise<void>;
}

/** Makes or opens the network in `data` and starts it (issue item 2: dev). */
export async function startDev(options: DevOptions): Promise<RunningDev> {
  const data = resolve(options.data);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const ports = await portsOf(data, options.ports);
  const host = options.host ?? '127.0.0.1';
  const clientHost = options.listen === undefined ? '127.0.0.1' : host;
  const ordererAddress = `${clientHost}:${ports.orderer}`;
  const network = await createDevNetwork({
    dir: join(data, 'network'),
    channelId: options.channelId,
    hosts: [host],
    ordererAddresses: [ordererAddress],
    batch: { timeout: '200ms' },
  });
  const [organisation] = network.peerOrgs;
  const peerNode = organisation?.nodes[0];
  if (!organisation || !peerNode) throw new LauncherError('the network has no peer');
  const { config, warnings } = await devConfig(options, data, ports, organisation, peerNode);
  const { logs, metrics } = await options.logs(config.logging.spec);
  const logger = logs.logger('app');
  for (const text of warnings) logger.warn(text);
  const shutdown = new ShutdownStack(logger);
  try {
    const grpcMetrics = new GrpcMetrics(metrics);
    const listen = `${options.listen ?? '127.0.0.1'}:${ports.orderer}`;
    const orderer = await startOrderer(network, data, listen, logs, grpcMetrics);
    shutdown.push('the orderer', () => orderer.stop());
    const peer = await startPeerNode({
      config,
      logs,
      metrics,
      grpcMetrics,
      blocks: () => orderer.blocks,
      ...(options.builds !== undefined && { processDir: resolve(options.builds) }),
    });
    shutdown.push('the peer', () => peer.stop());
    if (!peer.channels.get(network.channelId)) await peer.channels.join(network.genesisBlock);
    const peerAddress = options.listen === undefined ? peer.address : `${host}:${ports.peer}`;
    const clients = { network, organisation, peer: peerNode, peerAddress, ordererAddress };
    const files = await writeClientFiles(data, clients, peer);
    if (options.clientSecret !== undefined) {
      const { fillClientSecret } = await import('./clientSecret.js');
      await fillClientSecret(options.clientSecret, clients);
    }
    return {
      peer,
      ordererAddress,
      channelId: network.channelId,
      mspId: organisation.mspId,
      ...files,
      created: network.created,
      stop: () => shutdown.stop(),
    };
  } catch (error) {
    await shutdown.stop();
    throw error;
  }
}

async function startOrderer(
  network: DevNetwork,
  data: string,
  address: string,
  logs: LogRegistry,
  metrics: GrpcMetrics,
): Promise<OrdererNode> {
  const node = network.ordererOrg.nodes[0];
  if (!node) throw new LauncherError('the network has no orderer');
  return startOrdererNode({
    dir: join(data, 'orderer'),
    mspDir: node.mspDir,
    mspId: network.ordererOrg.mspId,
    genesisBlocks: [network.genesisBlock],
    address,
    tls: { cert: await readFile(node.tls.certFile), key: await readFile(node.tls.keyFile) },
    logs,
    metrics,
  });
}

/** The peer's configuration: what the user wrote, with the network's own values on top. */
async function devConfig(
  options: DevOptions,
  data: string,
  ports: DevPorts,
  organisation: DevOrganisation,
  node: DevNode,
): Promise<LoadedConfig> {
  const { listen, host = '127.0.0.1' } = options;
  return loadConfig({
    // CORE_PEER_… of a shell that also runs the CLI describes the client, not this peer.
    env: Object.fromEntries(
      Object.entries(options.env).filter(
        ([name]) => !name.startsWith('CORE_PEER_') && name !== 'FABRIC_CFG_PATH',
      ),
    ),
    ...(options.config !== undefined && { config: options.config }),
    overrides: {
      'peer.id': node.name,
      'peer.localMspId': organisation.mspId,
      'peer.mspConfigPath': node.mspDir,
      'peer.fileSystemPath': join(data, 'peer'),
      'peer.listenAddress': `${listen ?? '127.0.0.1'}:${ports.peer}`,
      'peer.address': `${listen === undefined ? '127.0.0.1' : host}:${ports.peer}`,
      'peer.chaincodeListenAddress': `${listen ?? host}:${ports.chaincode}`,
      ...(listen !== undefined && { 'peer.chaincodeAddress': `${host}:${ports.chaincode}` }),
      ...(options.vm && { 'vm.provider': options.vm }),
      'vm.kubernetes.instance': await instanceOf(data),
      ...(options.ports === 'free' && { 'vm.kubernetes.artifacts.listenAddress': `${listen ?? host}:0` }),
      'peer.tls.enabled': 'true',
      'peer.tls.cert.file': node.tls.certFile,
      'peer.tls.key.file': node.tls.keyFile,
      'peer.tls.rootcert.file': node.tls.caFile,
      'operations.listenAddress': `${listen ?? '127.0.0.1'}:${ports.operations}`,
      'metrics.provider': 'prometheus',
    },
  });
}

/** Two development networks in one namespace have peers of the same names: this tells them apart. */
async function instanceOf(data: string): Promise<string> {
  const file = join(data, 'instance');
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const instance = randomUUID();
  await writeFile(file, `${instance}\n`);
  return instance;
}

/** The ports of the last start; else new ones. */
async function portsOf(data: string, kind: DevOptions['ports']): Promise<DevPorts> {
  const file = join(data, 'ports.json');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as DevPorts;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const ports = kind === 'free' ? await freePorts() : fabricPorts;
  await writeFile(file, `${JSON.stringify(ports)}\n`);
  return ports;
}
