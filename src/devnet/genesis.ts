import { timestampOf } from '../protos/timestamp.js';
import { blockDataHash } from '../channelconfig/blocks.js';
import { signedByMspAdmin, signedByMspMember } from '../policies/wellKnown.js';
import { common, orderer, peer } from '../protos/index.js';

/** One organisation as the channel's configuration knows it. */
export interface GenesisOrganisation {
  readonly mspId: string;
  /** Name of its group: the MSP id for peers' organisations, OrdererOrg for the orderer's. */
  readonly groupName: string;
  /** Marshalled MSPConfig. */
  readonly mspConfig: Uint8Array;
  readonly anchorPeers?: readonly { readonly host: string; readonly port: number }[];
}

/** Everything a channel's first configuration says. */
export interface GenesisOptions {
  readonly channelId: string;
  readonly applicationOrgs: readonly GenesisOrganisation[];
  readonly ordererOrg: GenesisOrganisation;
  /** host:port of every orderer. */
  readonly ordererAddresses: readonly string[];
  readonly batch?: Partial<BatchSettings>;
  /** ACL resource → policy reference; left out when empty. */
  readonly acls?: ReadonlyMap<string, string>;
  readonly consortium?: string;
  /** Milliseconds since the epoch. @default now */
  readonly timestamp?: number;
}

export interface BatchSettings {
  /** As Go writes a duration: `100ms`. */
  readonly timeout: string;
  readonly maxMessageCount: number;
  readonly absoluteMaxBytes: number;
  readonly preferredMaxBytes: number;
}

/** A short timeout, because a person waits at the other end; the sizes are configtxgen's. */
export const defaultBatch: BatchSettings = {
  timeout: '100ms',
  maxMessageCount: 100,
  absoluteMaxBytes: 99 * 1024 * 1024,
  preferredMaxBytes: 512 * 1024,
};

/** Block 0 of a channel, as configtxgen writes it: solo orderer, capabilities of 1.4.3 (contract 12.3, 22). */
export function genesisBlock(options: GenesisOptions): common.Block {
  const data = new common.BlockData();
  data.addData(configEnvelope(options));
  const header = new common.BlockHeader();
  header.setNumber(0);
  header.setDataHash(blockDataHash(data.getDataList_asU8()));
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList(Array.from({ length: 5 }, () => new Uint8Array()));
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

function configEnvelope(options: GenesisOptions): Uint8Array {
  const config = new common.Config();
  config.setChannelGroup(channelGroup(options));
  const content = new common.ConfigEnvelope();
  content.setConfig(config);

  const seconds = Math.floor((options.timestamp ?? Date.now()) / 1000);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setVersion(1);
  channelHeader.setChannelId(options.channelId);
  channelHeader.setTimestamp(timestampOf(new Date(seconds * 1000)));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(new common.SignatureHeader().serializeBinary());

  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(content.serializeBinary());
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}

function channelGroup(options: GenesisOptions): common.ConfigGroup {
  const hashing = new common.HashingAlgorithm();
  hashing.setName('SHA256');
  const structure = new common.BlockDataHashingStructure();
  structure.setWidth(0xffffffff);
  const consortium = new common.Consortium();
  consortium.setName(options.consortium ?? 'SampleConsortium');
  const group = newGroup();
  addValue(group, 'HashingAlgorithm', hashing);
  addValue(group, 'BlockDataHashingStructure', structure);
  addValue(group, 'Consortium', consortium);
  addValue(group, 'OrdererAddresses', addresses(options.ordererAddresses), '/Channel/Orderer/Admins');
  addValue(group, 'Capabilities', capability('V1_4_3'));
  addMetaPolicies(group);
  group.getGroupsMap().set('Orderer', ordererGroup(options));
  group.getGroupsMap().set('Application', applicationGroup(options));
  return group;
}

function ordererGroup(options: GenesisOptions): common.ConfigGroup {
  const batch = { ...defaultBatch, ...options.batch };
  const type = new orderer.ConsensusType();
  type.setType('solo');
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(batch.maxMessageCount);
  size.setAbsoluteMaxBytes(batch.absoluteMaxBytes);
  size.setPreferredMaxBytes(batch.preferredMaxBytes);
  const timeout = new orderer.BatchTimeout();
  timeout.setTimeout(batch.timeout);
  const group = newGroup();
  addValue(group, 'ConsensusType', type);
  addValue(group, 'BatchSize', size);
  addValue(group, 'BatchTimeout', timeout);
  addValue(group, 'ChannelRestrictions', new orderer.ChannelRestrictions());
  addValue(group, 'Capabilities', capability('V1_4_2'));
  addMetaPolicies(group);
  addMetaPolicy(group, 'BlockValidation', 'Writers', common.ImplicitMetaPolicy.Rule.ANY);
  const organisation = organisationGroup(options.ordererOrg);
  addValue(organisation, 'Endpoints', addresses(options.ordererAddresses));
  group.getGroupsMap().set(options.ordererOrg.groupName, organisation);
  return group;
}

function applicationGroup(options: GenesisOptions): common.ConfigGroup {
  const group = newGroup();
  addValue(group, 'Capabilities', capability('V1_4_2'));
  if (options.acls && options.acls.size > 0) addValue(group, 'ACLs', aclsValue(options.acls));
  addMetaPolicies(group);
  addMetaPolicy(group, 'Endorsement', 'Endorsement', common.ImplicitMetaPolicy.Rule.MAJORITY);
  addMetaPolicy(group, 'LifecycleEndorsement', 'Endorsement', common.ImplicitMetaPolicy.Rule.MAJORITY);
  for (const one of options.applicationOrgs) {
    const organisation = organisationGroup(one);
    addSignaturePolicy(organisation, 'Endorsement', signedByMspMember(one.mspId));
    const anchors = one.anchorPeers ?? [];
    if (anchors.length > 0) addValue(organisation, 'AnchorPeers', anchorPeers(anchors));
    group.getGroupsMap().set(one.groupName, organisation);
  }
  return group;
}

function organisationGroup(organisation: GenesisOrganisation): common.ConfigGroup {
  const group = newGroup();
  addValue(group, 'MSP', { serializeBinary: () => organisation.mspConfig });
  addSignaturePolicy(group, 'Readers', signedByMspMember(organisation.mspId));
  addSignaturePolicy(group, 'Writers', signedByMspMember(organisation.mspId));
  addSignaturePolicy(group, 'Admins', signedByMspAdmin(organisation.mspId));
  return group;
}

function newGroup(): common.ConfigGroup {
  const group = new common.ConfigGroup();
  group.setModPolicy('Admins');
  return group;
}

interface Serializable {
  serializeBinary(): Uint8Array;
}

function addValue(
  group: common.ConfigGroup,
  name: string,
  message: Serializable,
  modPolicy = 'Admins',
): void {
  const value = new common.ConfigValue();
  value.setValue(message.serializeBinary());
  value.setModPolicy(modPolicy);
  group.getValuesMap().set(name, value);
}

function addMetaPolicies(group: common.ConfigGroup): void {
  addMetaPolicy(group, 'Readers', 'Readers', common.ImplicitMetaPolicy.Rule.ANY);
  addMetaPolicy(group, 'Writers', 'Writers', common.ImplicitMetaPolicy.Rule.ANY);
  addMetaPolicy(group, 'Admins', 'Admins', common.ImplicitMetaPolicy.Rule.MAJORITY);
}

function addMetaPolicy(
  group: common.ConfigGroup,
  name: string,
  subPolicy: string,
  rule: common.ImplicitMetaPolicy.RuleMap[keyof common.ImplicitMetaPolicy.RuleMap],
): void {
  const meta = new common.ImplicitMetaPolicy();
  meta.setSubPolicy(subPolicy);
  meta.setRule(rule);
  addPolicy(group, name, common.Policy.PolicyType.IMPLICIT_META, meta);
}

function addSignaturePolicy(
  group: common.ConfigGroup,
  name: string,
  envelope: common.SignaturePolicyEnvelope,
): void {
  addPolicy(group, name, common.Policy.PolicyType.SIGNATURE, envelope);
}

function addPolicy(group: common.ConfigGroup, name: string, type: number, content: Serializable): void {
  const policy = new common.Policy();
  policy.setType(type);
  policy.setValue(content.serializeBinary());
  const entry = new common.ConfigPolicy();
  entry.setPolicy(policy);
  entry.setModPolicy('Admins');
  group.getPoliciesMap().set(name, entry);
}

function capability(name: string): common.Capabilities {
  const capabilities = new common.Capabilities();
  capabilities.getCapabilitiesMap().set(name, new common.Capability());
  return capabilities;
}

function addresses(list: readonly string[]): common.OrdererAddresses {
  const message = new common.OrdererAddresses();
  message.setAddressesList([...list]);
  return message;
}

function aclsValue(acls: ReadonlyMap<string, string>): peer.ACLs {
  const message = new peer.ACLs();
  for (const [resource, policy] of acls) {
    const api = new peer.APIResource();
    api.setPolicyRef(policy);
    message.getAclsMap().set(resource, api);
  }
  return message;
}

function anchorPeers(anchors: readonly { host: string; port: number }[]): peer.AnchorPeers {
  const message = new peer.AnchorPeers();
  message.setAnchorPeersList(
    anchors.map(({ host, port }) => {
      const anchor = new peer.AnchorPeer();
      anchor.setHost(host);
      anchor.setPort(port);
      return anchor;
    }),
  );
  return message;
}
