import { LauncherError, wrap } from '../errors.js';
import { MspManager } from '../msp/mspManager.js';
import { ConfigPolicyManager } from '../policies/manager.js';
import { sortedEntries } from '../protos/entries.js';
import { common, decode, peer } from '../protos/index.js';
import { blockTransactions, headerTypeName, openEnvelope } from './blocks.js';
import { applicationCapabilities, mspVersion } from './capabilities.js';
import { applicationGroup, groupValue, ordererGroup, subGroup } from './groups.js';
import { ordererAddresses, ordererSettings } from './ordererValues.js';
import { Organizations } from './organizations.js';
import type { ChannelResources } from './types.js';

export { headerTypeName };

/** What a CONFIG block holds. */
export interface ChannelConfiguration {
  readonly channelId: string;
  readonly config: common.Config;
  /** Marshalled ConfigEnvelope as it was received. */
  readonly configEnvelope: Uint8Array;
}

/**
 * The channel that a block belongs to (core/peer: GetChainIDFromBlock).
 * Throws `failed to retrieve channel id - block is empty`.
 */
export function channelIdFromBlock(block: common.Block): string {
  const first = blockTransactions(block)[0];
  if (!first) throw new LauncherError('failed to retrieve channel id - block is empty');
  return openEnvelope(first).channelHeader.getChannelId();
}

/** Reads a genesis or configuration block; the texts are those that cscc's JoinChain answers with. */
export function configFromBlock(block: common.Block): ChannelConfiguration {
  const first = blockTransactions(block)[0];
  if (!first) throw new LauncherError('failed to retrieve channel id - block is empty');
  const { payload, channelHeader } = openEnvelope(first);
  if (channelHeader.getType() !== common.HeaderType.CONFIG) {
    throw new LauncherError(
      `Bad configuration envelope: invalid type ${headerTypeName(channelHeader.getType())}, expected CONFIG`,
    );
  }
  const configEnvelope = payload.getData_asU8();
  const config = decode(common.ConfigEnvelope, configEnvelope, 'ConfigEnvelope').getConfig();
  if (!config) throw new LauncherError('Nil config envelope Config');
  return { channelId: channelHeader.getChannelId(), config, configEnvelope };
}

/** Builds a channel's resources from a genesis or configuration block. */
export function channelResourcesFromBlock(block: common.Block): ChannelResources {
  const { channelId, config } = configFromBlock(block);
  return channelResourcesFromConfig(channelId, config);
}

/** Builds MSPs, policies, capabilities and values of one configuration (common/channelconfig: NewBundle). */
export function channelResourcesFromConfig(channelId: string, config: common.Config): ChannelResources {
  const root = config.getChannelGroup();
  if (!root) throw new LauncherError('Nil channel group');
  const application = subGroup(root, applicationGroup);
  if (!application) {
    throw new LauncherError('Invalid configuration block, missing Application configuration group');
  }
  requireOrdererCapabilities(root);
  try {
    return build(channelId, config, root, application);
  } catch (error) {
    throw wrap('initializing channelconfig failed', error);
  }
}

function build(
  channelId: string,
  config: common.Config,
  root: common.ConfigGroup,
  application: common.ConfigGroup,
): ChannelResources {
  const ordererOrganizations = subGroup(root, ordererGroup);
  const organizations = new Organizations(mspVersion(root));
  const applicationIds = organizations.add(application);
  const ordererIds = organizations.add(ordererOrganizations);
  const deserializer = new MspManager(organizations.msps);
  return {
    channelId,
    config,
    sequence: config.getSequence(),
    deserializer,
    policies: new ConfigPolicyManager(root, deserializer),
    application: {
      capabilities: applicationCapabilities(application),
      mspIds: [...new Set(applicationIds.values())].sort(),
      acls: aclsOf(application),
    },
    orderer: ordererSettings(ordererOrganizations),
    ordererAddresses: ordererAddresses(root, ordererOrganizations),
    ordererTlsRoots: organizations.tlsRoots(new Set(ordererIds.values())),
  };
}

/** common/channelconfig/bundle.go: preValidate. */
function requireOrdererCapabilities(root: common.ConfigGroup): void {
  const ordererOf = subGroup(root, ordererGroup);
  if (!ordererOf || groupValue(ordererOf, 'Capabilities')) return;
  if (groupValue(root, 'Capabilities')) {
    throw new LauncherError('cannot enable channel capabilities without orderer support first');
  }
  if (groupValue(subGroup(root, applicationGroup), 'Capabilities')) {
    throw new LauncherError('cannot enable application capabilities without orderer support first');
  }
}

function aclsOf(application: common.ConfigGroup): ReadonlyMap<string, string> {
  const bytes = groupValue(application, 'ACLs');
  const acls = new Map<string, string>();
  if (!bytes) return acls;
  for (const [resource, api] of sortedEntries(decode(peer.ACLs, bytes, 'ACLs').getAclsMap())) {
    const reference = api.getPolicyRef();
    // An entry without a policy does not replace the default.
    if (reference !== '') acls.set(resource, absolutePolicy(reference));
  }
  return acls;
}

function absolutePolicy(reference: string): string {
  return reference.startsWith('/') ? reference : `/Channel/${applicationGroup}/${reference}`;
}
