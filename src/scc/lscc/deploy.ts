import { evaluateOnProposal } from '../../acl/policyEvaluation.js';
import type { ChannelResources } from '../../channelconfig/types.js';
import { LauncherError, messageOf } from '../../errors.js';
import type { SystemChaincodeStub } from '../../launcher/inproc/types.js';
import { encodeChaincodeData, type ChaincodeDefinition } from '../../packages/chaincodeData.js';
import { checkChaincodeName, checkChaincodeVersion } from '../../packages/names.js';
import type { CCPackage, PackageStore } from '../../packages/types.js';
import { SignaturePolicy } from '../../policies/signaturePolicy.js';
import { signedByAnyAdmin } from '../../policies/wellKnown.js';
import { peer } from '../../protos/index.js';
import { putCollections } from './collections.js';
import type { DeployArguments } from './deployArguments.js';
import type { LsccOptions } from './options.js';
import { definitionOf, instanceBytes } from './state.js';

/** Writes the definition of a chaincode that the channel does not have yet; the result is ChaincodeData (contract 7.5). */
export async function deploy(
  options: LsccOptions,
  stub: SystemChaincodeStub,
  given: DeployArguments,
): Promise<Uint8Array> {
  const ccPackage = await installedPackage(options.packages, given);
  if (await exists(stub, given.name)) {
    throw new LauncherError(`chaincode with name '${given.name}' already exists`);
  }
  const definition = newDefinition(given, ccPackage);
  await checkInstantiationPolicy(options, stub, given.resources, definition.instantiationPolicy);
  const value = encodeChaincodeData(definition);
  await stub.putState(given.name, value);
  await putCollections(options, stub, given);
  return value;
}

/** Replaces the definition by one of another version; the old instantiation policy is asked before the new one. */
export async function upgrade(
  options: LsccOptions,
  stub: SystemChaincodeStub,
  given: DeployArguments,
): Promise<Uint8Array> {
  const { name, version, resources } = given;
  const ccPackage = await installedPackage(options.packages, given);
  const old = await oldDefinition(stub, name);
  if (old.version === version) {
    throw new LauncherError(`version already exists for chaincode with name '${name}'`);
  }
  if (old.instantiationPolicy.length === 0) throw new LauncherError('instantiation policy missing');
  await checkInstantiationPolicy(options, stub, resources, old.instantiationPolicy);
  const definition = newDefinition(given, ccPackage);
  await checkInstantiationPolicy(options, stub, resources, definition.instantiationPolicy);
  const value = encodeChaincodeData(definition);
  await stub.putState(name, value);
  if (resources.application.capabilities.v12) {
    await putCollections(options, stub, given);
  } else if (given.collections.length > 0) {
    throw new LauncherError('as V1_2 capability is not enabled, collection upgrades are not allowed');
  }
  const event = new peer.LifecycleEvent();
  event.setChaincodeName(name);
  stub.setEvent('upgrade', event.serializeBinary());
  return value;
}

async function installedPackage(packages: PackageStore, given: DeployArguments): Promise<CCPackage> {
  checkChaincodeName(given.name);
  checkChaincodeVersion(given.version);
  try {
    return await packages.get(given.name, given.version);
  } catch (error) {
    throw new LauncherError(`cannot get package for chaincode (${given.name}:${given.version})`, {
      cause: error,
    });
  }
}

/** As in Fabric any failure to read counts as "not there"; a proposal without a channel then fails at the write. */
async function exists(stub: SystemChaincodeStub, name: string): Promise<boolean> {
  try {
    await instanceBytes(stub, name);
    return true;
  } catch {
    return false;
  }
}

async function oldDefinition(stub: SystemChaincodeStub, name: string): Promise<ChaincodeDefinition> {
  let value: Uint8Array;
  try {
    value = await instanceBytes(stub, name);
  } catch (error) {
    throw new LauncherError(`could not find chaincode with name '${name}'`, { cause: error });
  }
  return definitionOf(name, value);
}

/** What stands about the code comes from the installed package, what is the channel's comes from the arguments. */
function newDefinition(given: DeployArguments, ccPackage: CCPackage): ChaincodeDefinition {
  return {
    name: ccPackage.name,
    version: ccPackage.version,
    escc: given.escc,
    vscc: given.vscc,
    policy: given.policy,
    data: ccPackage.dataBytes,
    id: ccPackage.id,
    instantiationPolicy: instantiationPolicyOf(ccPackage, given.resources),
  };
}

function instantiationPolicyOf(ccPackage: CCPackage, resources: ChannelResources): Uint8Array {
  if (ccPackage.format === 'cds') return signedByAnyAdmin(resources.application.mspIds).serializeBinary();
  if (ccPackage.instantiationPolicy) return ccPackage.instantiationPolicy;
  throw new LauncherError('instantiation policy cannot be nil for a SignedCCDeploymentSpec');
}

async function checkInstantiationPolicy(
  options: LsccOptions,
  stub: SystemChaincodeStub,
  { deserializer }: ChannelResources,
  policyBytes: Uint8Array,
): Promise<void> {
  const policy = SignaturePolicy.fromBytes(policyBytes, deserializer);
  const { signedProposal } = stub;
  if (!signedProposal) throw new LauncherError('instantiation policy violation: no signed proposal');
  try {
    await evaluateOnProposal(policy, signedProposal, options.signers, deserializer);
  } catch (error) {
    throw new LauncherError(`instantiation policy violation: ${messageOf(error)}`, { cause: error });
  }
}
