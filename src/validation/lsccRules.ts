import type { ApplicationCapabilities } from '../channelconfig/types.js';
import { messageOf } from '../errors.js';
import type { Identity } from '../msp/types.js';
import { decodeChaincodeData } from '../packages/chaincodeData.js';
import { isChaincodeName, isChaincodeVersion } from '../packages/names.js';
import { validateCodePackage } from '../packages/validateCodePackage.js';
import type { peer } from '../protos/index.js';
import { checkCollections } from './collectionRules.js';
import type { Deployment, LsccContext } from './deployment.js';
import { policyFailure } from './invalidTransaction.js';
import type { PolicyCache } from './policyCache.js';
import { bareReason, strict } from './strictDecode.js';
import { isSystemName } from './systemNames.js';
import type { NamespaceWrites } from './writeSet.js';

/** A transaction that invoked lscc. */
export interface LsccInvocation {
  /** ChaincodeProposalPayload bytes. */
  readonly proposalPayload: Uint8Array;
  readonly writeSet: readonly NamespaceWrites[];
  /** Who signed the transaction; the signature was verified. */
  readonly creator: Identity;
}

/**
 * The rules of deploy and upgrade at commit (builtin/v13: ValidateLSCCInvocation, contract 12.2).
 * Rejects with InvalidTransaction (10).
 */
export async function checkLsccInvocation(
  invocation: LsccInvocation,
  context: LsccContext,
): Promise<Deployment> {
  const [name, ...args] = functionAndArguments(invocation.proposalPayload);
  const kind = Buffer.from(name ?? '').toString('utf8');
  if (kind !== 'deploy' && kind !== 'upgrade') {
    throw policyFailure(`VSCC error: committing an invocation of function ${kind} of lscc is invalid`);
  }
  const id = await deployedId(kind, args, context.capabilities);
  const deployment = readDeployment(kind, args, id, invocation.writeSet);
  if (kind === 'deploy') checkDeploy(deployment, invocation.creator, context);
  else checkUpgrade(deployment, invocation.creator, context);
  return deployment;
}

function functionAndArguments(proposalPayload: Uint8Array): Uint8Array[] {
  const args = orFailure('', () => {
    const payload = strict.proposalPayload(proposalPayload);
    return strict.invocationSpec(payload.getInput_asU8()).getChaincodeSpec()?.getInput()?.getArgsList_asU8();
  });
  if (!args || args.length === 0) throw policyFailure('malformed chaincode invocation spec');
  return args;
}

async function deployedId(
  kind: string,
  args: readonly Uint8Array[],
  capabilities: ApplicationCapabilities,
): Promise<peer.ChaincodeID> {
  const wrongNumber = `Wrong number of arguments for invocation lscc(${kind}):`;
  const specBytes = args[1];
  if (!specBytes) throw policyFailure(`${wrongNumber} expected at least 2, received ${args.length}`);
  if (args.length > (capabilities.v12 ? 6 : 5)) throw policyFailure(`${wrongNumber} received ${args.length}`);
  const deploymentSpec = orFailure('GetChaincodeDeploymentSpec error ', () =>
    strict.deploymentSpec(specBytes),
  );
  const spec = deploymentSpec.getChaincodeSpec();
  try {
    await validateCodePackage(spec?.getType() ?? 0, deploymentSpec.getCodePackage_asU8());
  } catch (error) {
    throw policyFailure(`GetChaincodeDeploymentSpec error ${messageOf(error)}`, { cause: error });
  }
  const id = spec?.getChaincodeId();
  if (!id) {
    throw policyFailure(`VSCC error: invocation of lscc(${kind}) does not have appropriate arguments`);
  }
  checkNames(id.getName(), id.getVersion());
  return id;
}

function checkNames(name: string, version: string): void {
  if (!isChaincodeName(name)) throw policyFailure(`invalid chaincode name '${name}'`);
  if (isSystemName(name)) throw policyFailure(`chaincode name '${name}' is reserved for system chaincodes`);
  if (!isChaincodeVersion(version)) throw policyFailure(`invalid chaincode version '${version}'`);
}

/** Check 0 of Fabric: the write set says what the arguments say and writes nothing else. */
function readDeployment(
  kind: Deployment['kind'],
  args: readonly Uint8Array[],
  id: peer.ChaincodeID,
  writeSet: readonly NamespaceWrites[],
): Deployment {
  const lscc = writeSet.find((one) => one.namespace === 'lscc');
  if (!lscc) throw policyFailure('No read write set for lscc was found');
  const first = lscc.writes[0];
  if (!first) throw policyFailure('LSCC must issue at least one single putState upon deploy/upgrade');
  const [name, version] = [id.getName(), id.getVersion()];
  if (first.getKey() !== name) throw policyFailure(`expected key ${name}, found ${first.getKey()}`);
  const written = orFailure('unmarhsalling of ChaincodeData failed, error ', () =>
    decodeChaincodeData(first.getValue_asU8()),
  );
  if (written.name !== name) throw policyFailure(`expected cc name ${name}, found ${written.name}`);
  if (written.version !== version) {
    throw policyFailure(`expected cc version ${version}, found ${written.version}`);
  }
  for (const one of writeSet) {
    if (one.namespace !== 'lscc' && one.namespace !== name && one.writes.length > 0) {
      throw policyFailure(`LSCC invocation is attempting to write to namespace ${one.namespace}`);
    }
  }
  return { kind, args, written, writes: lscc.writes };
}

function checkDeploy(deployment: Deployment, creator: Identity, context: LsccContext): void {
  const { written, writes } = deployment;
  if (context.definitions.find(written.name)) {
    throw policyFailure(`Chaincode ${written.name} is already instantiated`);
  }
  if (context.capabilities.v12) checkCollections(deployment, context);
  else if (writes.length !== 1) throw policyFailure('LSCC can only issue a single putState upon deploy');
  if (written.instantiationPolicy.length === 0) {
    throw policyFailure('no instantiation policy was specified');
  }
  checkInstantiationPolicy(written.instantiationPolicy, creator, context.policies);
}

function checkUpgrade(deployment: Deployment, creator: Identity, context: LsccContext): void {
  const { written, writes } = deployment;
  const existing = context.definitions.find(written.name);
  if (!existing) throw policyFailure(`Upgrading non-existent chaincode ${written.name}`);
  if (existing.version === written.version) {
    throw policyFailure(
      `Existing version of the cc on the ledger (${written.version}) should be different from the upgraded one`,
    );
  }
  if (context.capabilities.v12) checkCollections(deployment, context);
  else if (writes.length !== 1) throw policyFailure('LSCC can only issue a single putState upon upgrade');

  const [oldPolicy, newPolicy] = [existing.instantiationPolicy, written.instantiationPolicy];
  if (oldPolicy.length === 0) throw policyFailure('No instantiation policy was specified');
  checkInstantiationPolicy(oldPolicy, creator, context.policies);
  if (!context.capabilities.v11) return;
  if (newPolicy.length === 0) throw policyFailure('No instantiation policy was specified');
  if (Buffer.compare(oldPolicy, newPolicy) !== 0) {
    checkInstantiationPolicy(newPolicy, creator, context.policies);
  }
}

function checkInstantiationPolicy(policy: Uint8Array, creator: Identity, policies: PolicyCache): void {
  orFailure('chaincode instantiation policy violated, error ', () => policies.evaluate(policy, [creator]));
}

function orFailure<T>(prefix: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw policyFailure(`${prefix}${prefix === '' ? messageOf(error) : bareReason(error)}`, { cause: error });
  }
}
