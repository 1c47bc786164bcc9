import { randomBytes } from 'node:crypto';
import { blockDataHash, blockHeaderBytes, blockHeaderHash } from '../channelconfig/blocks.js';
import type { SigningIdentity } from '../msp/types.js';
import { common } from '../protos/index.js';
import { timestampOf } from '../protos/timestamp.js';

/** Makes the next block of a chain as Fabric 1.4's orderer writes it: signature and last configuration in the metadata. */
export async function nextBlock(
  previous: common.Block,
  transactions: readonly Uint8Array[],
  lastConfig: number,
  signer: SigningIdentity,
): Promise<common.Block> {
  const previousHeader = previous.getHeader() ?? new common.BlockHeader();
  const header = new common.BlockHeader();
  header.setNumber(previousHeader.getNumber() + 1);
  header.setPreviousHash(blockHeaderHash(previousHeader));
  header.setDataHash(blockDataHash(transactions));
  const data = new common.BlockData();
  data.setDataList([...transactions]);
  const metadata = new common.BlockMetadata();
  metadata.setMetadataList([
    await signatures(header, lastConfig, signer),
    lastConfigMetadata(lastConfig),
    // TRANSACTIONS_FILTER, ORDERER and COMMIT_HASH: the orderer leaves them empty.
    new Uint8Array(),
    new Uint8Array(),
    new Uint8Array(),
  ]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  block.setMetadata(metadata);
  return block;
}

/** The number of the last configuration block that a block of an orderer names. */
export function lastConfigOf(block: common.Block): number {
  const bytes = block.getMetadata()?.getMetadataList_asU8()[1];
  if (!bytes || bytes.length === 0) return 0;
  const value = common.Metadata.deserializeBinary(bytes).getValue_asU8();
  return common.LastConfig.deserializeBinary(value).getIndex();
}

function lastConfigMessage(lastConfig: number): common.LastConfig {
  const message = new common.LastConfig();
  message.setIndex(lastConfig);
  return message;
}

/** Recorded form: an empty value where the last configuration is block 0. */
function lastConfigMetadata(lastConfig: number): Uint8Array {
  const metadata = new common.Metadata();
  metadata.setValue(lastConfigMessage(lastConfig).serializeBinary());
  return metadata.serializeBinary();
}

async function signatures(
  header: common.BlockHeader,
  lastConfig: number,
  signer: SigningIdentity,
): Promise<Uint8Array> {
  const value = new common.OrdererBlockMetadata();
  value.setLastConfig(lastConfigMessage(lastConfig));
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(signer.serialized);
  signatureHeader.setNonce(randomBytes(24));
  const headerBytes = signatureHeader.serializeBinary();
  const valueBytes = value.serializeBinary();
  const signature = new common.MetadataSignature();
  signature.setSignatureHeader(headerBytes);
  signature.setSignature(
    await signer.sign(Buffer.concat([valueBytes, headerBytes, blockHeaderBytes(header)])),
  );
  const metadata = new common.Metadata();
  metadata.setValue(valueBytes);
  metadata.setSignaturesList([signature]);
  return metadata.serializeBinary();
}

/** The envelope of a CONFIG transaction, signed by the orderer. */
export async function configTransaction(
  channelId: string,
  configEnvelope: common.ConfigEnvelope,
  signer: SigningIdentity,
): Promise<common.Envelope> {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.CONFIG);
  channelHeader.setChannelId(channelId);
  channelHeader.setTimestamp(timestampOf(new Date(Math.floor(Date.now() / 1000) * 1000)));
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(signer.serialized);
  signatureHeader.setNonce(randomBytes(24));
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(configEnvelope.serializeBinary());
  const envelope = new common.Envelope();
  const payloadBytes = payload.serializeBinary();
  envelope.setPayload(payloadBytes);
  envelope.setSignature(await signer.sign(payloadBytes));
  return envelope;
}
