import { LauncherError, wrap } from '../../errors.js';
import type { SystemChaincodeStub } from '../../launcher/inproc/types.js';
import type { IdentityDeserializer } from '../../msp/types.js';
import { SignaturePolicy } from '../../policies/signaturePolicy.js';
import { common, decode, msp, peer } from '../../protos/index.js';
import type { DeployArguments } from './deployArguments.js';
import type { LsccOptions } from './options.js';
import { collectionKey } from './state.js';

const { Classification } = msp.MSPPrincipal;

/**
 * Writes the collections of a chaincode, if any are given, as the bytes that came. Names, counts and whether the
 * member policy is an OR are looked at when the transaction is validated, not here (contract 7.5).
 */
export async function putCollections(
  options: LsccOptions,
  stub: SystemChaincodeStub,
  given: DeployArguments,
): Promise<void> {
  if (given.collections.length === 0) return;
  for (const config of collectionConfigs(given)) {
    try {
      checkMemberPolicy(options, config, given);
    } catch (error) {
      throw wrap('collection member policy check failed', error);
    }
  }
  try {
    await stub.putState(collectionKey(given.name), given.collections);
  } catch (error) {
    throw wrap(`error putting collection for chaincode ${given.name}:${given.version}`, error);
  }
}

function collectionConfigs({ collections, name, version }: DeployArguments): peer.CollectionConfig[] {
  try {
    return peer.CollectionConfigPackage.deserializeBinary(collections).getConfigList();
  } catch (error) {
    throw new LauncherError(`invalid collection configuration supplied for chaincode ${name}:${version}`, {
      cause: error,
    });
  }
}

function checkMemberPolicy(
  options: LsccOptions,
  config: peer.CollectionConfig,
  { resources }: DeployArguments,
): void {
  const collection = config.getStaticCollectionConfig();
  if (!collection) throw new LauncherError('collection configuration is empty');
  const memberPolicy = collection.getMemberOrgsPolicy();
  if (!memberPolicy) throw new LauncherError('collection member policy is not set');
  const policy = memberPolicy.getSignaturePolicy();
  if (!policy) throw new LauncherError('collection member org policy is empty');
  const name = collection.getName();
  for (const principal of policy.getIdentitiesList()) {
    const mspId = organisationOf(principal, name);
    if (mspId !== undefined && !resources.application.mspIds.includes(mspId)) {
      options.logger.warn(`collection-name: ${name} collection member ${mspId} is not part of the channel`);
    }
  }
  checkUsable(policy, resources.deserializer, name);
}

/** The organisation that a principal names; undefined for one identity. */
function organisationOf(principal: msp.MSPPrincipal, collection: string): string | undefined {
  const bytes = principal.getPrincipal_asU8();
  const classification = principal.getPrincipalClassification();
  try {
    switch (classification) {
      case Classification.ROLE:
        return decode(msp.MSPRole, bytes, 'MSPRole').getMspIdentifier();
      case Classification.ORGANIZATION_UNIT:
        return decode(msp.OrganizationUnit, bytes, 'OrganizationUnit').getMspIdentifier();
      case Classification.IDENTITY:
        return undefined;
    }
  } catch (error) {
    throw new LauncherError(`collection-name: ${collection} -- cannot unmarshal identity bytes`, {
      cause: error,
    });
  }
  const names = Object.entries(Classification).find(([, value]) => value === classification);
  throw new LauncherError(
    `collection-name: ${collection} -- principal type ${names?.[0] ?? classification} is not supported`,
  );
}

function checkUsable(
  policy: common.SignaturePolicyEnvelope,
  deserializer: IdentityDeserializer,
  collection: string,
): void {
  try {
    new SignaturePolicy(policy, deserializer);
  } catch (error) {
    throw wrap(`invalid member org policy for collection '${collection}'`, error);
  }
}
