import { LauncherError } from '../errors.js';
import type { TxSimulator } from '../ledger/types.js';
import { decode, msp, peer } from '../protos/index.js';
import type { ExecutionParams } from './transactionContext.js';

/** Says whether a transaction's creator may read a collection. */
export interface CollectionAccess {
  /** Throws `collection ‹channel›/‹cc›/‹coll› could not be found`. */
  hasReadAccess(
    params: ExecutionParams,
    simulator: TxSimulator,
    chaincode: string,
    collection: string,
  ): boolean;
}

/**
 * Read access by the collection's config in lscc's state: with member_only_read the creator must be of one of the
 * member organisations. Reading the config is a read of the transaction, as Fabric endorses it (contract 3.1).
 */
export const stateCollectionAccess: CollectionAccess = {
  hasReadAccess(params, simulator, chaincode, collection) {
    const config = collectionConfig(simulator, chaincode, collection);
    if (!config) {
      throw new LauncherError(`collection ${params.channelId}/${chaincode}/${collection} could not be found`);
    }
    if (!config.getMemberOnlyRead()) return true;
    return memberOrgs(config).includes(params.creatorMspId);
  },
};

function collectionConfig(
  simulator: TxSimulator,
  chaincode: string,
  collection: string,
): peer.StaticCollectionConfig | undefined {
  const bytes = simulator.getState('lscc', `${chaincode}~collection`);
  if (!bytes) return undefined;
  return decode(peer.CollectionConfigPackage, bytes, 'CollectionConfigPackage')
    .getConfigList()
    .map((config) => config.getStaticCollectionConfig())
    .find((config) => config?.getName() === collection);
}

/** The MSP ids of the member_orgs_policy, which is an OR over organisations. */
function memberOrgs(config: peer.StaticCollectionConfig): string[] {
  const identities = config.getMemberOrgsPolicy()?.getSignaturePolicy()?.getIdentitiesList() ?? [];
  return identities
    .filter((principal) => principal.getPrincipalClassification() === msp.MSPPrincipal.Classification.ROLE)
    .map((principal) => decode(msp.MSPRole, principal.getPrincipal_asU8(), 'MSPRole').getMspIdentifier());
}
