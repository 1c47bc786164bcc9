import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { ChaincodeSupport } from '../../src/chaincode/chaincodeSupport.js';
import type { ChaincodeSupportOptions } from '../../src/chaincode/chaincodeSupport.js';
import { stateCollectionAccess } from '../../src/chaincode/collectionAccess.js';
import { HandlerRegistry } from '../../src/chaincode/handlerRegistry.js';
import { ChaincodeMetrics } from '../../src/chaincode/metrics.js';
import type { TransactionParams } from '../../src/chaincode/types.js';
import type { ChannelResources } from '../../src/channelconfig/types.js';
import { LauncherError } from '../../src/errors.js';
import { ContainerRuntime } from '../../src/launcher/containerRuntime.js';
import type { CertGenerator } from '../../src/launcher/containerRuntime.js';
import { InprocVMProvider } from '../../src/launcher/inproc/inprocProvider.js';
import { LaunchJournal } from '../../src/launcher/journal.js';
import { LaunchMetrics } from '../../src/launcher/metrics.js';
import { RuntimeLauncher } from '../../src/launcher/runtimeLauncher.js';
import type { VMProvider } from '../../src/launcher/types.js';
import { VMController } from '../../src/launcher/vmController.js';
import { common, peer } from '../../src/protos/index.js';
import { FakeSimulator } from './fakeSimulator.js';
import { silentLogger } from './silentLogger.js';

export interface ChaincodePeerOptions {
  readonly provider?: VMProvider;
  readonly startupTimeoutMs?: number;
  readonly executeTimeoutMs?: number;
  readonly devMode?: boolean;
  readonly peerAddress?: () => string;
  readonly certificates?: CertGenerator;
  readonly support?: Partial<ChaincodeSupportOptions>;
}

/** The launcher and the chaincode support of a peer, wired as the product wires them, over fakes of what is below. */
export function chaincodePeer(options: ChaincodePeerOptions = {}) {
  const metricsRegistry = new Registry();
  const logger = silentLogger();
  const registry = new HandlerRegistry(options.devMode);
  const inproc = new InprocVMProvider();
  const controller = new VMController({
    SYSTEM: inproc,
    ...(options.provider && { DOCKER: options.provider }),
  });
  const launchMetrics = new LaunchMetrics(metricsRegistry);
  const journal = new LaunchJournal({ onStep: launchMetrics.onStep });
  const runtime = new ContainerRuntime({
    controller,
    peerAddress: options.peerAddress ?? ((): string => '127.0.0.1:7052'),
    logging: { level: 'info', shim: 'warning', format: '%{message}' },
    ...(options.certificates && { certificates: options.certificates }),
  });
  const launcher = new RuntimeLauncher({
    runtime,
    registry,
    packages: { codePackage: async () => new Uint8Array([1]) },
    journal,
    metrics: launchMetrics,
    logger,
    startupTimeoutMs: options.startupTimeoutMs ?? 20_000,
  });
  const support = new ChaincodeSupport({
    registry,
    launcher,
    lifecycle: {
      chaincodeDefinition: (name) => {
        if (name === 'nosuch') throw new LauncherError(`chaincode ${name} not found`);
        return definitionOf(name);
      },
      chaincodeContainerInfo: async (name) => ({
        name,
        version: '1.0',
        path: '',
        type: 'NODE',
        containerType: 'DOCKER',
      }),
      checkInstantiationPolicy: async () => undefined,
    },
    acl: { checkAcl: async () => undefined },
    systemChaincodes: {
      isSystemChaincode: (name) => ['lscc', 'cscc', 'qscc', 'escc', 'vscc'].includes(name),
      isInvokableExternal: () => true,
      isInvokableCC2CC: (name) => ['lscc', 'qscc'].includes(name),
    },
    systemVersion: '1.4.12',
    channels: { ledger: () => undefined, resources: () => channelResources },
    collectionAccess: stateCollectionAccess,
    totalQueryLimit: 10_000,
    historyDatabase: true,
    newId: randomUUID,
    metrics: new ChaincodeMetrics(metricsRegistry),
    logger,
    keepaliveMs: 0,
    executeTimeoutMs: options.executeTimeoutMs ?? 10_000,
    ...options.support,
  });
  inproc.serveWith(support);
  return { support, registry, inproc, journal, launcher, controller, runtime, metricsRegistry };
}

const channelResources = {
  application: { capabilities: { v11: true, v12: true, v13: true, v142: true, v20: false } },
} as ChannelResources;

function definitionOf(name: string) {
  return {
    name,
    version: '1.0',
    escc: 'escc',
    vscc: 'vscc',
    policy: new Uint8Array(),
    instantiationPolicy: new Uint8Array(),
  };
}

let transactions = 0;

/** Parameters of one transaction with a proposal that every shim accepts. */
export function transaction(
  simulator: FakeSimulator | undefined = new FakeSimulator(),
  channelId = 'mychannel',
): TransactionParams & { txSimulator: FakeSimulator } {
  const txId = (++transactions).toString(16).padStart(64, '0');
  const { proposal, signedProposal } = proposalFor(channelId, txId);
  return {
    channelId,
    txId,
    proposal,
    signedProposal,
    creatorMspId: 'Org1MSP',
    txSimulator: simulator,
    historyQueryExecutor: {
      getHistoryForKey: () => ({ next: async () => undefined, close: () => undefined }),
    },
  };
}

/** A proposal whose header, creator, nonce and payload are set, as shims insist on. */
export function proposalFor(channelId: string, txId: string) {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(3);
  channelHeader.setChannelId(channelId);
  channelHeader.setTxId(txId);
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(Buffer.from('\n\x07Org1MSP\x12\x04cert'));
  signatureHeader.setNonce(Buffer.alloc(24, 7));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(new Uint8Array([10, 0]));
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const signedProposal = new peer.SignedProposal();
  signedProposal.setProposalBytes(proposal.serializeBinary());
  signedProposal.setSignature(new Uint8Array([1, 2, 3]));
  return { proposal, signedProposal };
}

/** ChaincodeInput of these arguments. */
export function inputOf(...args: string[]): peer.ChaincodeInput {
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((arg) => Buffer.from(arg)));
  return input;
}

/** A deployment spec as lscc hands it to the INIT of a new chaincode. */
export function deploymentSpec(
  name: string,
  version: string,
  ...args: string[]
): peer.ChaincodeDeploymentSpec {
  const id = new peer.ChaincodeID();
  id.setName(name);
  id.setVersion(version);
  id.setPath('src');
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.NODE);
  spec.setChaincodeId(id);
  spec.setInput(inputOf(...args));
  const deployment = new peer.ChaincodeDeploymentSpec();
  deployment.setChaincodeSpec(spec);
  return deployment;
}
