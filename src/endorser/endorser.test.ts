import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { deploymentSpec } from '../../test/support/chaincodePeer.js';
import { FakeSimulator } from '../../test/support/fakeSimulator.js';
import { silentLogger } from '../../test/support/silentLogger.js';
import { signedProposal } from '../../test/support/signedProposal.js';
import { namedIdentities, who } from '../../test/support/txBuilder.js';
import { ProposalSigners } from '../acl/proposalSigners.js';
import type { ChaincodeResult } from '../chaincode/types.js';
import type { ChannelResources } from '../channelconfig/types.js';
import { LauncherError } from '../errors.js';
import type { PeerLedger, SimulationResults } from '../ledger/types.js';
import { parseCCPackage } from '../packages/ccPackage.js';
import { ledger as ledgerProtos, peer } from '../protos/index.js';
import { Endorser, type EndorserOptions } from './endorser.js';
import { EndorserMetrics } from './metrics.js';

/** A simulator with set results that knows whether it was ended. */
class SetSimulator extends FakeSimulator {
  constructor(readonly results: SimulationResults) {
    super();
  }

  override getTxSimulationResults(): SimulationResults {
    return this.results;
  }
}

function respond(status: number, message = ''): ChaincodeResult {
  const response = new peer.Response();
  response.setStatus(status);
  response.setMessage(message);
  return { response };
}

interface TestPeer {
  readonly results?: SimulationResults;
  readonly executed?: () => Promise<ChaincodeResult>;
  readonly inited?: () => Promise<ChaincodeResult>;
  readonly escc?: string;
  readonly options?: Partial<EndorserOptions>;
}

function testPeer(given: TestPeer = {}) {
  const simulators: SetSimulator[] = [];
  const kept: string[] = [];
  const steps: string[] = [];
  const committed = new Set<string>();
  const registry = new Registry();
  const ledger = {
    newTxSimulator: () => {
      const simulator = new SetSimulator(given.results ?? { publicBytes: Buffer.from('rw') });
      simulators.push(simulator);
      return simulator;
    },
    newHistoryQueryExecutor: () => ({}),
    hasTransaction: (txId: string) => committed.has(txId),
    keepPrivateData: async (txId: string) => {
      kept.push(txId);
    },
  } as unknown as PeerLedger;
  const system = ['lscc', 'cscc', 'qscc', 'escc', 'vscc'];
  const endorser = new Endorser({
    channels: {
      ledger: (id) => (id === 'ch' ? ledger : undefined),
      resources: (id) =>
        id === 'ch' ? ({ deserializer: namedIdentities } as unknown as ChannelResources) : undefined,
    },
    localMsp: namedIdentities,
    acl: { checkAcl: async () => undefined },
    systemChaincodes: {
      isSystemChaincode: (name) => system.includes(name),
      isInvokableExternal: (name) => !['escc', 'vscc'].includes(name),
      isInvokableCC2CC: () => true,
    },
    signers: new ProposalSigners(),
    packages: {
      get: async (name: string, version: string) =>
        parseCCPackage(deploymentSpec(name, version).serializeBinary()),
    } as unknown as EndorserOptions['packages'],
    lifecycle: {
      chaincodeDefinition: (name) => ({
        name,
        version: '1.0',
        escc: given.escc ?? 'escc',
        vscc: 'vscc',
        policy: new Uint8Array(),
        instantiationPolicy: new Uint8Array(),
      }),
      chaincodeContainerInfo: async () => Promise.reject(new LauncherError('not asked')),
      checkInstantiationPolicy: async () => undefined,
    },
    executor: {
      execute: given.executed ?? (async () => respond(200)),
      executeLegacyInit: given.inited ?? (async () => respond(200)),
    },
    signer: { mspId: 'Org1MSP', serialized: who('Org1MSP/peer'), sign: async () => Buffer.from('signed') },
    systemVersion: '1.4.12',
    metrics: new EndorserMetrics(registry),
    launches: {
      bindTransaction: (name) => {
        steps.push(`bind ${name}`);
      },
      stepOfTransaction: (_, step) => {
        steps.push(step);
      },
    },
    logger: silentLogger(),
    ...given.options,
  });
  const metric = async (name: string) => {
    const values = (await registry.getSingleMetric(`endorser_${name}`)?.get())?.values ?? [];
    return values.filter((one) => !one.labels['le']).map(({ labels, value }) => ({ ...labels, value }));
  };
  return { endorser, simulators, kept, steps, committed, metric };
}

const privateSet = new ledgerProtos.rwset.TxPvtReadWriteSet();
const deployArgs = ['deploy', 'ch', deploymentSpec('mycc', '1.0', 'init').serializeBinary()];

describe('Endorser', () => {
  it('signs what a user chaincode did, and ends its simulator', async () => {
    const { endorser, simulators, metric } = testPeer();
    const answer = await endorser.processProposal(signedProposal());
    expect(answer.getVersion()).toBe(1);
    expect(Buffer.from(answer.getEndorsement()!.getSignature_asU8()).toString()).toBe('signed');
    expect(simulators.map(({ finished }) => finished)).toEqual([true]);
    expect(await metric('successful_proposals')).toEqual([{ value: 1 }]);
    expect(await metric('proposal_duration')).toContainEqual(
      expect.objectContaining({ channel: 'ch', chaincode: 'mycc:1.0', success: 'true' }),
    );
  });

  it('ends the simulator when the chaincode fails', async () => {
    const { endorser, simulators } = testPeer({
      executed: async () => Promise.reject(new LauncherError('broken')),
    });
    const answer = await endorser.processProposal(signedProposal());
    expect(answer.getResponse()!.getMessage()).toBe('broken');
    expect(answer.getPayload_asU8()).toHaveLength(0);
    expect(simulators.map(({ finished }) => finished)).toEqual([true]);
  });

  it.each(['qscc', 'cscc'])('opens no simulator for %s', async (chaincode) => {
    const { endorser, simulators } = testPeer();
    await endorser.processProposal(signedProposal({ chaincode }));
    expect(simulators).toEqual([]);
  });

  it('refuses a transaction that was committed', async () => {
    const { endorser, committed, metric } = testPeer();
    const proposal = signedProposal();
    committed.add(proposal.txId);
    await expect(endorser.processProposal(proposal)).rejects.toThrow(
      `duplicate transaction found [${proposal.txId}]. Creator [${Buffer.from(who('Org1MSP/alice')).toString('hex')}]`,
    );
    expect(await metric('duplicate_transaction_failures')).toEqual([
      { channel: 'ch', chaincode: 'mycc:', value: 1 },
    ]);
  });

  it('counts a proposal that is not valid', async () => {
    const { endorser, metric } = testPeer();
    await expect(endorser.processProposal(signedProposal({ signedBy: 'Org1MSP/m' }))).rejects.toThrow(
      'access denied: channel [ch] creator org [Org1MSP]',
    );
    expect(await metric('proposal_validation_failures')).toEqual([{ value: 1 }]);
  });

  it('names the Fabric 1.4 header types that have no name any more', async () => {
    const { endorser } = testPeer();
    await expect(endorser.processProposal(signedProposal({ headerType: 8 }))).rejects.toThrow(
      'invalid header type PEER_ADMIN_OPERATION',
    );
    await expect(endorser.processProposal(signedProposal({ headerType: 9 }))).rejects.toThrow(
      'unsupported proposal type 9',
    );
  });

  it('counts a refusal by the chaincode, and does not sign it', async () => {
    const { endorser, metric } = testPeer({ executed: async () => respond(404, 'no such thing') });
    const answer = await endorser.processProposal(signedProposal());
    expect(answer.hasEndorsement()).toBe(false);
    expect(answer.getResponse()!.getStatus()).toBe(404);
    expect(await metric('endorsement_failures')).toEqual([
      { channel: 'ch', chaincode: 'mycc:1.0', chaincodeerror: 'true', value: 1 },
    ]);
  });

  it('knows one endorsement plugin', async () => {
    const { endorser, metric } = testPeer({ escc: 'myescc' });
    const answer = await endorser.processProposal(signedProposal());
    expect(answer.getResponse()!.getMessage()).toBe(
      "plugin with name myescc could not be used: plugin with name myescc wasn't found",
    );
    expect(await metric('endorsement_failures')).toEqual([
      { channel: 'ch', chaincode: 'mycc:1.0', chaincodeerror: 'false', value: 1 },
    ]);
  });

  it('keeps private data of a user chaincode', async () => {
    const { endorser, kept } = testPeer({ results: { publicBytes: Buffer.from('rw'), privateSet } });
    const proposal = signedProposal();
    await endorser.processProposal(proposal);
    expect(kept).toEqual([proposal.txId]);
  });
});

describe('instantiate', () => {
  it('tells the launch how far its transaction is', async () => {
    const { endorser, steps } = testPeer();
    const answer = await endorser.processProposal(signedProposal({ chaincode: 'lscc', args: deployArgs }));
    expect(answer.hasEndorsement()).toBe(true);
    expect(steps).toEqual(['bind mycc:1.0', 'initDone', 'endorsed']);
  });

  it('fails when Init fails, however the shim says so', async () => {
    for (const inited of [
      async () => Promise.reject(new LauncherError('transaction returned with failure: no')),
      async () => respond(500, 'no'),
    ]) {
      const { endorser, metric, steps } = testPeer({ inited });
      const answer = await endorser.processProposal(signedProposal({ chaincode: 'lscc', args: deployArgs }));
      expect(answer.getResponse()!.getStatus()).toBe(500);
      expect(answer.getResponse()!.getMessage()).toBe('transaction returned with failure: no');
      expect(answer.hasEndorsement()).toBe(false);
      expect(steps).toEqual([]);
      expect(await metric('chaincode_instantiation_failures')).toEqual([
        { channel: 'ch', chaincode: 'mycc:1.0', value: 1 },
      ]);
    }
  });

  it('runs Init only after lscc agreed', async () => {
    const { endorser, steps } = testPeer({ executed: async () => respond(500, 'exists') });
    await endorser.processProposal(signedProposal({ chaincode: 'lscc', args: deployArgs }));
    expect(steps).toEqual([]);
  });

  it('must not write private data', async () => {
    const { endorser, kept } = testPeer({ results: { publicBytes: Buffer.from('rw'), privateSet } });
    const answer = await endorser.processProposal(signedProposal({ chaincode: 'lscc', args: deployArgs }));
    expect(answer.getResponse()!.getMessage()).toBe('Private data is forbidden to be used in instantiate');
    expect(kept).toEqual([]);
  });
});
