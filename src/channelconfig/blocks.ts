import { createHash } from 'node:crypto';
import { LauncherError } from '../errors.js';
import { writeDer } from '../msp/der.js';
import { common, decode } from '../protos/index.js';

/** Positions in a block's metadata (common.BlockMetadataIndex). */
export const metadataIndex = {
  signatures: 0,
  lastConfig: 1,
  transactionsFilter: 2,
  orderer: 3,
  commitHash: 4,
} as const;

const derInteger = 0x02;
const derOctets = 0x04;
const derSequence = 0x30;

/** SHA-256 of the DER sequence of number, previous hash and data hash: what the next block names as its previous hash. */
export function blockHeaderHash(header: common.BlockHeader): Buffer {
  return createHash('sha256').update(blockHeaderBytes(header)).digest();
}

/** DER SEQUENCE {INTEGER number, OCTET STRING previousHash, OCTET STRING dataHash}: what an orderer signs. */
export function blockHeaderBytes(header: common.BlockHeader): Buffer {
  return writeDer(
    derSequence,
    derUnsigned(header.getNumber()),
    writeDer(derOctets, header.getPreviousHash_asU8()),
    writeDer(derOctets, header.getDataHash_asU8()),
  );
}

/** SHA-256 over the concatenated transactions. */
export function blockDataHash(data: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const entry of data) hash.update(entry);
  return hash.digest();
}

function derUnsigned(value: number): Buffer {
  const hex = BigInt(value).toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return writeDer(derInteger, Buffer.alloc((bytes[0] ?? 0) >> 7), bytes);
}

/** An envelope's payload and channel header, decoded. Throws ProtoError. */
export function openEnvelope(bytes: Uint8Array): {
  envelope: common.Envelope;
  payload: common.Payload;
  channelHeader: common.ChannelHeader;
} {
  const envelope = decode(common.Envelope, bytes, 'Envelope');
  const payload = decode(common.Payload, envelope.getPayload_asU8(), 'Payload');
  const header = payload.getHeader();
  if (!header) throw new LauncherError('no header in the envelope');
  const channelHeader = decode(common.ChannelHeader, header.getChannelHeader_asU8(), 'ChannelHeader');
  return { envelope, payload, channelHeader };
}

/** The transactions of a block as they were received. */
export function blockTransactions(block: common.Block): Uint8Array[] {
  return block.getData()?.getDataList_asU8() ?? [];
}

/** True when the block's only transaction is a CONFIG transaction. */
export function isConfigBlock(block: common.Block): boolean {
  const [first, ...others] = blockTransactions(block);
  if (!first || others.length > 0) return false;
  try {
    return openEnvelope(first).channelHeader.getType() === common.HeaderType.CONFIG;
  } catch {
    // A transaction that does not decode is no configuration.
    return false;
  }
}

/** The name of a header type as Fabric prints it: the enum's name, or the number where it has none. */
export function headerTypeName(type: number): string {
  const found = Object.entries(common.HeaderType).find(([, value]) => value === type);
  return found ? found[0] : String(type);
}
