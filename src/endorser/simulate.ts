import type {
  ChaincodeDefinition,
  ChaincodeExecutor,
  ChaincodeResult,
  Channels,
  Lifecycle,
  SystemChaincodes,
  TransactionParams,
} from '../chaincode/types.js';
import { LauncherError, wrap } from '../errors.js';
import type { SimulationResults, TxSimulator } from '../ledger/types.js';
import { decode, peer } from '../protos/index.js';
import { isDeployment, legacyDeploy, type LegacyDeployOptions } from './legacyDeploy.js';
import type { CheckedProposal } from './preProcess.js';

/** From this status on a response is a refusal: it is not endorsed. */
export const errorThreshold = 400;

export interface SimulateOptions extends LegacyDeployOptions {
  readonly channels: Channels;
  readonly executor: ChaincodeExecutor;
  readonly lifecycle: Lifecycle;
  readonly systemChaincodes: SystemChaincodes;
  readonly systemVersion: string;
}

/** What a proposal led to. */
export interface Simulation {
  readonly response: peer.Response;
  readonly event: peer.ChaincodeEvent | undefined;
  /** Marshalled TxReadWriteSet; empty where nothing was read or written. */
  readonly results: Uint8Array;
  /** undefined for system chaincode. */
  readonly definition: ChaincodeDefinition | undefined;
  /** `‹name›:‹version›` of what was instantiated or upgraded. */
  readonly deployed: string | undefined;
}

/** Runs the chaincode of a proposal over a snapshot of its channel (contract 10: SimulateProposal). */
export async function simulate(options: SimulateOptions, checked: CheckedProposal): Promise<Simulation> {
  const ledger = needsSimulator(checked) ? ledgerOf(options.channels, checked.channelId) : undefined;
  const txSimulator = ledger?.newTxSimulator(checked.txId);
  try {
    const params: TransactionParams = {
      channelId: checked.channelId,
      txId: checked.txId,
      signedProposal: checked.signedProposal,
      proposal: checked.proposal,
      creatorMspId: checked.creatorMspId,
      ...(txSimulator && { txSimulator }),
      ...(ledger && { historyQueryExecutor: ledger.newHistoryQueryExecutor() }),
    };
    const input = inputOf(checked.proposal);
    const name = checked.chaincodeId.getName();
    const definition = await definitionOf(options, name, txSimulator);
    const version = definition?.version ?? options.systemVersion;
    const called = await call(options, params, name, version, input);
    const results = txSimulator && (await resultsOf(options, checked, txSimulator));
    return { ...called, definition, results: results?.publicBytes ?? new Uint8Array() };
  } finally {
    txSimulator?.done();
  }
}

/** qscc and cscc read no state, and a proposal without a channel has none. */
function needsSimulator({ channelId, chaincodeId }: CheckedProposal): boolean {
  return channelId !== '' && !['qscc', 'cscc'].includes(chaincodeId.getName());
}

function ledgerOf(channels: Channels, channelId: string): NonNullable<ReturnType<Channels['ledger']>> {
  const ledger = channels.ledger(channelId);
  if (!ledger) throw new LauncherError(`Channel does not exist: ${channelId}`);
  return ledger;
}

/** Name and type in the spec are not looked at. Fabric ends its peer when spec or input are missing. */
function inputOf(proposal: peer.Proposal): peer.ChaincodeInput {
  const payload = decode(
    peer.ChaincodeProposalPayload,
    proposal.getPayload_asU8(),
    'ChaincodeProposalPayload',
  );
  const spec = decode(
    peer.ChaincodeInvocationSpec,
    payload.getInput_asU8(),
    'ChaincodeInvocationSpec',
  ).getChaincodeSpec();
  if (!spec) throw new LauncherError('the proposal has no chaincode spec');
  const input = spec.getInput();
  if (!input) throw new LauncherError('the chaincode spec of the proposal has no input');
  return input;
}

async function definitionOf(
  options: SimulateOptions,
  name: string,
  txSimulator: TxSimulator | undefined,
): Promise<ChaincodeDefinition | undefined> {
  if (options.systemChaincodes.isSystemChaincode(name)) return undefined;
  let definition: ChaincodeDefinition;
  try {
    if (!txSimulator) {
      throw new LauncherError(`could not get definition for chaincode ${name} without a ledger context\n`);
    }
    definition = options.lifecycle.chaincodeDefinition(name, txSimulator);
  } catch (error) {
    throw wrap(`make sure the chaincode ${name} has been successfully instantiated and try again`, error);
  }
  await options.lifecycle.checkInstantiationPolicy(definition);
  return definition;
}

/** Runs the chaincode, and after lscc agreed to a deploy or upgrade the Init of what is deployed. */
async function call(
  options: SimulateOptions,
  params: TransactionParams,
  name: string,
  version: string,
  input: peer.ChaincodeInput,
): Promise<Pick<Simulation, 'response' | 'event' | 'deployed'>> {
  const { response, event }: ChaincodeResult = await options.executor.execute(params, name, version, input);
  // Fabric drops the event of a refusal.
  if (response.getStatus() >= errorThreshold) return { response, event: undefined, deployed: undefined };
  const args = input.getArgsList_asU8();
  if (name !== 'lscc' || !isDeployment(args)) return { response, event, deployed: undefined };
  return { response, event, deployed: await legacyDeploy(options, params, args) };
}

/** Takes the results and ends the simulator at once: a snapshot is not kept while others sign and answer. */
async function resultsOf(
  options: SimulateOptions,
  { chaincodeId, channelId, txId }: CheckedProposal,
  txSimulator: TxSimulator,
): Promise<SimulationResults> {
  const results = txSimulator.getTxSimulationResults();
  txSimulator.done();
  if (results.privateSet) {
    if (chaincodeId.getName() === 'lscc') {
      throw new LauncherError('Private data is forbidden to be used in instantiate');
    }
    await ledgerOf(options.channels, channelId).keepPrivateData(txId, results.privateSet);
  }
  return results;
}
