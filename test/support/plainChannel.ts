import { blockDataHash, blockHeaderHash } from '../../src/channelconfig/blocks.js';
import { common, orderer } from '../../src/protos/index.js';

/** The genesis block of a channel without organisations, whose blocks need no signature. */
export function plainGenesis(channelId: string): common.Block {
  const blockValidation = new common.ImplicitMetaPolicy();
  blockValidation.setRule(common.ImplicitMetaPolicy.Rule.ANY);
  blockValidation.setSubPolicy('Writers');
  const policy = new common.Policy();
  policy.setType(common.Policy.PolicyType.IMPLICIT_META);
  policy.setValue(blockValidation.serializeBinary());
  const configPolicy = new common.ConfigPolicy();
  configPolicy.setPolicy(policy);
  const ordererGroup = new common.ConfigGroup();
  ordererGroup.getPoliciesMap().set('BlockValidation', configPolicy);
  const size = new orderer.BatchSize();
  size.setMaxMessageCount(10);
  size.setPreferredMaxBytes(1_000);
  size.setAbsoluteMaxBytes(1_000);
  const batchSize = new common.ConfigValue();
  batchSize.setValue(size.serializeBinary());
  ordererGroup.getValuesMap().set('BatchSize', batchSize);
  const root = new common.ConfigGroup();
  root.getGroupsMap().set('Application', new common.ConfigGroup());
  root.getGroupsMap().set('Orderer', ordererGroup);
  const config = new common.Config();
  config.setChannelGroup(root);
  const configEnvelope = new common.ConfigEnvelope();
  configEnvelope.setConfig(config);
  const transaction = plainEnvelope(
    channelId,
    '',
    common.HeaderType.CONFIG,
    configEnvelope.serializeBinary(),
  );
  return plainBlock(0, new Uint8Array(), [transaction]);
}

/** An unsigned envelope. */
export function plainEnvelope(
  channelId: string,
  txId: string,
  type = 3,
  data: Uint8Array = new Uint8Array(),
): Uint8Array {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(type);
  channelHeader.setChannelId(channelId);
  channelHeader.setTxId(txId);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data);
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}

export function plainBlock(
  number: number,
  previousHash: Uint8Array,
  transactions: readonly Uint8Array[],
): common.Block {
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(previousHash);
  header.setDataHash(blockDataHash(transactions));
  const data = new common.BlockData();
  data.setDataList([...transactions]);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([new Uint8Array(), new Uint8Array(), new Uint8Array(), new Uint8Array()]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

/** A chain of this many blocks after the genesis block, one transaction `tx‹n›` each. */
export function plainChain(channelId: string, length: number): common.Block[] {
  const chain = [plainGenesis(channelId)];
  for (let number = 1; number <= length; number++) {
    const previous = blockHeaderHash(chain[number - 1]!.getHeader()!);
    chain.push(plainBlock(number, previous, [plainEnvelope(channelId, `tx${number}`)]));
  }
  return chain;
}
