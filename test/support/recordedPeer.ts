import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Registry } from 'prom-client';
import { AclManager } from '../../src/acl/aclManager.js';
import { LocalPolicies } from '../../src/acl/localPolicies.js';
import { ProposalSigners } from '../../src/acl/proposalSigners.js';
import { peerDelivery } from '../../src/app/delivery.js';
import { ChaincodeSupport } from '../../src/chaincode/chaincodeSupport.js';
import { stateCollectionAccess } from '../../src/chaincode/collectionAccess.js';
import { HandlerRegistry } from '../../src/chaincode/handlerRegistry.js';
import { ChaincodeMetrics } from '../../src/chaincode/metrics.js';
import { registerService } from '../../src/chaincode/registerService.js';
import { metadataIndex } from '../../src/channelconfig/blocks.js';
import { loadConfig } from '../../src/config/load.js';
import { Endorser } from '../../src/endorser/endorser.js';
import { endorserService } from '../../src/endorser/endorserService.js';
import { EndorserMetrics } from '../../src/endorser/metrics.js';
import { messageOf } from '../../src/errors.js';
import { GrpcServer } from '../../src/grpc/server.js';
import { ContainerRuntime } from '../../src/launcher/containerRuntime.js';
import { InprocVMProvider } from '../../src/launcher/inproc/inprocProvider.js';
import { LaunchJournal } from '../../src/launcher/journal.js';
import { LaunchMetrics } from '../../src/launcher/metrics.js';
import { storePackageProvider } from '../../src/launcher/packageProvider.js';
import { RuntimeLauncher } from '../../src/launcher/runtimeLauncher.js';
import { VMController } from '../../src/launcher/vmController.js';
import { LedgerProvider } from '../../src/ledger/ledgerProvider.js';
import { loadLocalMsp } from '../../src/msp/localMsp.js';
import { LogRegistry } from '../../src/ops/logRegistry.js';
import { parseCCPackage } from '../../src/packages/ccPackage.js';
import { FilePackageStore } from '../../src/packages/fileStore.js';
import type { CCPackage } from '../../src/packages/types.js';
import { ChannelRegistry } from '../../src/peer/channelRegistry.js';
import { common, ledger as ledgerProtos, peer } from '../../src/protos/index.js';
import { Cscc } from '../../src/scc/cscc/cscc.js';
import { LsccLifecycle } from '../../src/scc/lscc/lifecycle.js';
import { Lscc } from '../../src/scc/lscc/lscc.js';
import { Qscc } from '../../src/scc/qscc/qscc.js';
import { SystemChaincodeRegistry } from '../../src/scc/registry.js';
import { BlockValidator } from '../../src/validation/txValidator.js';
import { ChildProvider } from './childProvider.js';
import { fixture, fixturesDir } from './fixtures.js';
import { recordedBlock, recordedChain } from './recordedChain.js';
import { ensureShim, shimDir } from './shims.js';
import { silentLogger } from './silentLogger.js';

const peerDir = 'crypto-14/peerOrganizations/org1.example.com/peers/peer0.org1.example.com';

/** Fabric's version of the recording: that of its system chaincodes. */
const systemVersion = '1.4.12';

/** What the recording peer had installed before the first proposal; all with the code of one Go package. */
const installed = [
  ['ks', '1.0'],
  ['ks', '2.0'],
  ['ks', '3.0'],
  ['ksand', '1.0'],
  ['ksboth', '1.0'],
  ['ksi', '1.0'],
  ['ksi2', '1.0'],
  ['ksother', '1.0'],
  ['kspvt', '1.0'],
  ['kspvt', '2.0'],
  ['ksvc', '1.0'],
  ['ksvc', '2.0'],
  ['ksz', '1.0'],
  ['ksz2', '1.0'],
] as const;

export type RecordedPeer = Awaited<ReturnType<typeof recordedPeer>>;

/**
 * The whole peer0.org1 of the 1.4 recordings as it was before the first recorded proposal: its ledger is the recorded
 * chain, committed again; its chaincode is the kitchen sink on the Node shim.
 */
export async function recordedPeer(options: { tls?: boolean } = {}) {
  await ensureShim('node-2.5');
  const dir = await mkdtemp(join(tmpdir(), 'recorded-peer-'));
  const logger = silentLogger();
  const metricsRegistry = new Registry();
  const local = await loadLocalMsp(join(fixturesDir, peerDir, 'msp'), 'Org1MSP');

  const ledgers = await LedgerProvider.open(join(dir, 'ledgers'));
  const channels = new ChannelRegistry({ ledgers, validator: new BlockValidator({ logger }), logger });
  await replayChain(channels);
  const packages = new RecordedPathStore({ dir: join(dir, 'chaincodes'), logger });
  for (const [name, version] of installed) await packages.put(parseCCPackage(kitchenSink(name, version)));

  const signers = new ProposalSigners();
  const localPolicies = new LocalPolicies(local.msp, signers);
  const acl = new AclManager({ channels, localPolicies, signers });
  const lifecycle = new LsccLifecycle(packages);
  const chaincodes = [
    new Lscc({ packages, channels, acl, localPolicies, signers, logger }),
    new Cscc({ channels, join: (block) => channels.join(block), acl, localPolicies }),
    new Qscc({ channels, acl }),
  ];
  const systemChaincodes = new SystemChaincodeRegistry(chaincodes);

  const registry = new HandlerRegistry();
  const inproc = new InprocVMProvider();
  const provider = new ChildProvider({
    dir: resolve(import.meta.dirname, '../chaincode/ks'),
    env: { NODE_PATH: join(shimDir('node-2.5'), 'node_modules') },
  });
  const journal = new LaunchJournal();
  const chaincodeServer = new GrpcServer({ address: '127.0.0.1:0' });
  const support = new ChaincodeSupport({
    registry,
    launcher: new RuntimeLauncher({
      runtime: new ContainerRuntime({
        controller: new VMController({ DOCKER: provider, SYSTEM: inproc }),
        peerAddress: () => chaincodeServer.address,
        logging: { level: 'info', shim: 'warning', format: '%{message}' },
      }),
      registry,
      packages: storePackageProvider(packages),
      journal,
      metrics: new LaunchMetrics(metricsRegistry),
      logger,
      startupTimeoutMs: 30_000,
    }),
    lifecycle,
    acl,
    systemChaincodes,
    systemVersion,
    channels,
    collectionAccess: stateCollectionAccess,
    totalQueryLimit: 10_000,
    historyDatabase: true,
    newId: randomUUID,
    metrics: new ChaincodeMetrics(metricsRegistry),
    logger,
    keepaliveMs: 0,
    executeTimeoutMs: 30_000,
  });
  inproc.serveWith(support);
  const service = registerService({ handler: support, logger });
  chaincodeServer.addService(service.definition, service.implementation);
  await chaincodeServer.start();
  for (const chaincode of chaincodes) inproc.register(chaincode);
  await support.startSystemChaincodes(systemChaincodes.names);

  const endorser = new Endorser({
    channels,
    localMsp: local.msp,
    acl,
    systemChaincodes,
    signers,
    packages,
    lifecycle,
    executor: support,
    signer: local.signer,
    systemVersion,
    metrics: new EndorserMetrics(metricsRegistry),
    launches: journal,
    logger,
    // The recording's day: certificates of test networks end some time.
    now: () => Date.parse('2026-11-25T12:00:00Z'),
  });
  const server = new GrpcServer({
    address: '127.0.0.1:0',
    ...(options.tls && {
      tls: { cert: fixture(peerDir, 'tls/server.crt'), key: fixture(peerDir, 'tls/server.key') },
    }),
  });
  const { config } = await loadConfig({ env: {} });
  const logs = await LogRegistry.create({ spec: 'fatal' });
  const delivering = peerDelivery({ channels, config, logs, metrics: metricsRegistry });
  server.addService(delivering.definition, delivering.implementation);
  const endorsing = endorserService(endorser);
  server.addService(endorsing.definition, endorsing.implementation);
  await server.start();

  return {
    address: server.address,
    endorser,
    channels,
    local,
    journal,
    metricsRegistry,
    async close(): Promise<void> {
      await server.stop(0);
      await provider.close();
      await chaincodeServer.stop(0);
      await inproc.close();
      await ledgers.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Commits the recorded blocks as an orderer would deliver them. */
async function replayChain(channels: ChannelRegistry): Promise<void> {
  const channel = await channels.join(delivered(0));
  const { blocks } = recordedChain('chain-14');
  const privateBlock = blocks.find(({ number }) => number === privateWrite.blockNumber)!;
  for (const { number } of blocks.slice(1)) {
    if (number === privateBlock.number) {
      await channel.ledger.keepPrivateData(privateBlock.transactions[0]!.txid, privateSet());
    }
    await channel.processBlock(delivered(number));
  }
}

/** The one plain private value that the recording peer still had at the end; blocks carry only its hash. */
const privateWrite = {
  blockNumber: 90,
  namespace: 'kspvt',
  collection: 'collOrg1',
  key: 'o1',
  value: 'org1 changed',
};

function privateSet(): ledgerProtos.rwset.TxPvtReadWriteSet {
  const write = new ledgerProtos.rwset.kvrwset.KVWrite();
  write.setKey(privateWrite.key);
  write.setValue(Buffer.from(privateWrite.value));
  const kv = new ledgerProtos.rwset.kvrwset.KVRWSet();
  kv.addWrites(write);
  const collection = new ledgerProtos.rwset.CollectionPvtReadWriteSet();
  collection.setCollectionName(privateWrite.collection);
  collection.setRwset(kv.serializeBinary());
  const namespace = new ledgerProtos.rwset.NsPvtReadWriteSet();
  namespace.setNamespace(privateWrite.namespace);
  namespace.addCollectionPvtRwset(collection);
  const set = new ledgerProtos.rwset.TxPvtReadWriteSet();
  set.addNsPvtRwset(namespace);
  return set;
}

function delivered(blockNumber: number): common.Block {
  const block = recordedBlock('chain-14', blockNumber);
  const metadata = block.getMetadata()!;
  metadata.setMetadataList(
    metadata
      .getMetadataList_asU8()
      .map((entry, index) =>
        index === metadataIndex.transactionsFilter || index === metadataIndex.commitHash
          ? new Uint8Array()
          : entry,
      ),
  );
  return block;
}

/** Texts that name a file, and so the hashes over them, are as in the recordings. */
class RecordedPathStore extends FilePackageStore {
  override async put(ccPackage: CCPackage): Promise<void> {
    const { name, version } = ccPackage;
    try {
      await super.put(ccPackage);
    } catch (error) {
      const recorded = `/var/hyperledger/production/chaincodes/${name}.${version}`;
      throw new Error(messageOf(error).replace(this.pathOf(name, version), recorded), { cause: error });
    }
  }
}

/** The recorded Go package under another name and version. */
function kitchenSink(name: string, version: string): Uint8Array {
  const spec = peer.ChaincodeDeploymentSpec.deserializeBinary(fixture('packages', '14', 'go.cds'));
  const id = spec.getChaincodeSpec()!.getChaincodeId()!;
  id.setName(name);
  id.setVersion(version);
  return spec.serializeBinary();
}
