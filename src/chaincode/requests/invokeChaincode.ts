import { LauncherError, wrap } from '../../errors.js';
import { peer } from '../../protos/index.js';
import { formatInstance, parseInstance } from '../instance.js';
import type { ChaincodeInstance } from '../instance.js';
import { unmarshal } from '../messages.js';
import type { HandlerServices } from '../services.js';
import type { ExecutionParams } from '../transactionContext.js';
import type { RequestHandler, ShimCall } from './call.js';

/**
 * INVOKE_CHAINCODE (contract 2.4): another chaincode in the same transaction, or on another channel with a simulator of
 * its own, whose writes are thrown away. The answer is the callee's whole message.
 */
export const invokeChaincode: RequestHandler = async (call) => {
  const spec = unmarshal(peer.ChaincodeSpec, call.payload);
  const target = targetOf(spec, call.context.params.channelId);
  await checkAcl(call, target);
  const { params } = call.context;
  const input = spec.getInput() ?? new peer.ChaincodeInput();
  if (target.channelId === params.channelId) return invoke(call.services, params, target, input);

  const peerLedger = call.services.channels.ledger(target.channelId);
  if (!peerLedger) throw new LauncherError(`failed to find ledger for channel: ${target.channelId}`);
  const txSimulator = peerLedger.newTxSimulator(call.txId);
  try {
    const historyQueryExecutor = peerLedger.newHistoryQueryExecutor();
    const there = { ...params, channelId: target.channelId, txSimulator, historyQueryExecutor };
    return await invoke(call.services, there, target, input);
  } finally {
    txSimulator.done();
  }
};

/** A name without a channel means the caller's channel. */
export function targetOf(spec: peer.ChaincodeSpec, callerChannel: string): ChaincodeInstance {
  const named = parseInstance(spec.getChaincodeId()?.getName() ?? '');
  return named.channelId === '' ? { ...named, channelId: callerChannel } : named;
}

async function checkAcl(call: ShimCall, target: ChaincodeInstance): Promise<void> {
  const { systemChaincodes, acl } = call.services;
  const { signedProposal } = call.context.params;
  if (systemChaincodes.isSystemChaincode(target.name)) {
    if (systemChaincodes.isInvokableCC2CC(target.name)) return;
    throw new LauncherError(`system chaincode ${target.name} cannot be invoked with a cc2cc invocation`);
  }
  if (!signedProposal) {
    throw new LauncherError(`signed proposal must not be nil from caller [${formatInstance(target)}]`);
  }
  await acl.checkAcl('peer/ChaincodeToChaincode', target.channelId, signedProposal);
}

async function invoke(
  services: HandlerServices,
  params: ExecutionParams,
  target: ChaincodeInstance,
  input: peer.ChaincodeInput,
): Promise<Uint8Array> {
  const version = await versionOf(services, params, target.name);
  try {
    const answer = await services.invoker.invoke(params, target.name, version, input);
    return answer.serializeBinary();
  } catch (error) {
    throw wrap('execute failed', error);
  }
}

/** The version is always the one that lscc has for the callee; reading it is part of the transaction's reads. */
async function versionOf(services: HandlerServices, params: ExecutionParams, name: string): Promise<string> {
  if (services.systemChaincodes.isSystemChaincode(name)) return services.systemVersion;
  if (!params.txSimulator) {
    throw new LauncherError(`could not get definition for chaincode ${name} without a ledger context\n`);
  }
  const definition = services.lifecycle.chaincodeDefinition(name, params.txSimulator);
  await services.lifecycle.checkInstantiationPolicy(definition);
  return definition.version;
}
