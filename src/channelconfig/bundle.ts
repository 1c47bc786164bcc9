import { LauncherError, wrap } from '../errors.js';
import { Msp } from '../msp/msp.js';
import { MspManager } from '../msp/mspManager.js';
import { ConfigPolicyManager } from '../policies/manager.js';
import { common, decode, orderer, peer } from '../protos/index.js';
import { blockTransactions, openEnvelope } from './blocks.js';
import { parseDuration } from './duration.js';
import type { ApplicationCapabilities, ChannelResources, OrdererSettings } from './types.js';

/** What a CONFIG block holds. */
export interface ChannelConfiguration {
  readonly channelId: string;
  readonly config: common.Config;
  /** Marshalled ConfigEnvelope as it was received. */
  readonly configEnvelope: Uint8Array;
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
  if (!config) throw new LauncherError('Bad configuration envelope: no configuration in it');
  return { channelId: channelHeader.getChannelId(), config, configEnvelope };
}

/** The name of a header type as Fabric prints it: the enum's name, or the number where it has none. */
export function headerTypeName(type: number): string {
  const found = Object.entries(common.HeaderType).find(([, value]) => value === type);
  return found ? found[0] : String(type);
}

/** Builds a channel's resources from a genesis or configuration block. */
export function channelResourcesFromBlock(block: common.Block): ChannelResources {
  const { channelId, config } = configFromBlock(block);
  return channelResourcesFromConfig(channelId, config);
}

/** Builds MSPs, policies, capabilities and values of one configuration (common/channelconfig: NewBundle). */
export function channelResourcesFromConfig(channelId: string, config: common.Config): ChannelResources {
  const root = config.getChannelGroup();
  if (!root) throw new LauncherError('nil channel group');
  const application = group(root, 'Application');
  if (!application)
    throw new LauncherError('Invalid configuration block, missing Application configuration group');
  const ordererGroup = group(root, 'Orderer');
  const deserializer = new MspManager([
    ...mspsOf(application),
    ...(ordererGroup ? mspsOf(ordererGroup) : []),
  ]);
  return {
    channelId,
    config,
    sequence: config.getSequence(),
    deserializer,
    policies: new ConfigPolicyManager(root, deserializer),
    application: {
      capabilities: applicationCapabilities(application),
      mspIds: mspsOf(application)
        .map((one) => one.mspId)
        .sort(),
      acls: aclsOf(application),
    },
    orderer: ordererSettings(ordererGroup),
    ordererAddresses: ordererAddresses(root, ordererGroup),
  };
}

function group(parent: common.ConfigGroup, name: string): common.ConfigGroup | undefined {
  return parent.getGroupsMap().get(name);
}

function value(parent: common.ConfigGroup, name: string): Uint8Array | undefined {
  return parent.getValuesMap().get(name)?.getValue_asU8();
}

function mspsOf(parent: common.ConfigGroup): Msp[] {
  const msps: Msp[] = [];
  for (const [name, organisation] of parent.getGroupsMap().entries() as Iterable<
    [string, common.ConfigGroup]
  >) {
    const config = value(organisation, 'MSP');
    if (!config) throw new LauncherError(`organisation ${name} has no MSP`);
    try {
      msps.push(Msp.fromConfig(config));
    } catch (error) {
      throw wrap(`setting up the MSP of organisation ${name} failed`, error);
    }
  }
  return msps;
}

const applicationLevels = ['V1_1', 'V1_2', 'V1_3', 'V1_4_2', 'V2_0', 'V2_5'];

function applicationCapabilities(application: common.ConfigGroup): ApplicationCapabilities {
  const names = capabilityNames(application);
  const unknown = names.filter((name) => !applicationLevels.includes(name) && !name.includes('EXPERIMENTAL'));
  if (unknown[0] !== undefined) {
    throw new LauncherError(`Application capability ${unknown[0]} is required but not supported`);
  }
  const level = Math.max(-1, ...names.map((name) => applicationLevels.indexOf(name)));
  return { v11: level >= 0, v12: level >= 1, v13: level >= 2, v142: level >= 3, v20: level >= 4 };
}

function capabilityNames(parent: common.ConfigGroup): string[] {
  const bytes = value(parent, 'Capabilities');
  if (!bytes) return [];
  return [
    ...(decode(common.Capabilities, bytes, 'Capabilities').getCapabilitiesMap().keys() as Iterable<string>),
  ];
}

function aclsOf(application: common.ConfigGroup): ReadonlyMap<string, string> {
  const bytes = value(application, 'ACLs');
  const acls = new Map<string, string>();
  if (!bytes) return acls;
  const entries = decode(peer.ACLs, bytes, 'ACLs').getAclsMap().entries() as Iterable<
    [string, peer.APIResource]
  >;
  for (const [resource, api] of entries) {
    const reference = api.getPolicyRef();
    if (reference !== '') acls.set(resource, absolutePolicy(reference));
  }
  return acls;
}

function absolutePolicy(reference: string): string {
  return reference.startsWith('/') ? reference : `/Channel/Application/${reference}`;
}

function ordererSettings(parent: common.ConfigGroup | undefined): OrdererSettings {
  const sizeBytes = parent && value(parent, 'BatchSize');
  const size = sizeBytes ? decode(orderer.BatchSize, sizeBytes, 'BatchSize') : new orderer.BatchSize();
  const timeoutBytes = parent && value(parent, 'BatchTimeout');
  const typeBytes = parent && value(parent, 'ConsensusType');
  return {
    consensusType: typeBytes ? decode(orderer.ConsensusType, typeBytes, 'ConsensusType').getType() : '',
    maxMessageCount: size.getMaxMessageCount(),
    absoluteMaxBytes: size.getAbsoluteMaxBytes(),
    preferredMaxBytes: size.getPreferredMaxBytes(),
    batchTimeoutMs: timeoutBytes
      ? parseDuration(decode(orderer.BatchTimeout, timeoutBytes, 'BatchTimeout').getTimeout())
      : 0,
  };
}

function ordererAddresses(root: common.ConfigGroup, parent: common.ConfigGroup | undefined): string[] {
  const bytes = value(root, 'OrdererAddresses');
  const addresses = bytes
    ? decode(common.OrdererAddresses, bytes, 'OrdererAddresses').getAddressesList()
    : [];
  if (addresses.length > 0 || !parent) return addresses;
  const organisations = [...(parent.getGroupsMap().entries() as Iterable<[string, common.ConfigGroup]>)];
  return organisations.flatMap(([, organisation]) => {
    const endpoints = value(organisation, 'Endpoints');
    return endpoints ? decode(common.OrdererAddresses, endpoints, 'OrdererAddresses').getAddressesList() : [];
  });
}
