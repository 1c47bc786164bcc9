import { randomBytes } from 'node:crypto';
import { newSignatureHeader, signEnvelope } from '../msp/signing.js';
import type { SigningIdentity } from '../msp/types.js';
import { common, orderer } from '../protos/index.js';
import { timestampOf } from '../protos/timestamp.js';

/** Which blocks are wanted: one kind of position for both ends, or a number for each. */
export type Position = 'oldest' | 'newest' | number;

/**
 * Marshalled SeekInfo from `start` to `stop`.
 * @param wait whether blocks that do not exist yet are waited for
 * @param bestEffort takes blocks even of an orderer that cannot serve at the moment
 */
export function seekInfo(start: Position, stop: Position, wait: boolean, bestEffort = false): Uint8Array {
  const info = new orderer.SeekInfo();
  info.setStart(position(start));
  info.setStop(position(stop));
  const { BLOCK_UNTIL_READY, FAIL_IF_NOT_READY } = orderer.SeekInfo.SeekBehavior;
  info.setBehavior(wait ? BLOCK_UNTIL_READY : FAIL_IF_NOT_READY);
  if (bestEffort) info.setErrorResponse(orderer.SeekInfo.SeekErrorResponse.BEST_EFFORT);
  return info.serializeBinary();
}

function position(value: Position): orderer.SeekPosition {
  const result = new orderer.SeekPosition();
  if (value === 'oldest') result.setOldest(new orderer.SeekOldest());
  else if (value === 'newest') result.setNewest(new orderer.SeekNewest());
  else {
    const specified = new orderer.SeekSpecified();
    specified.setNumber(value);
    result.setSpecified(specified);
  }
  return result;
}

/** A signed request for blocks. @param data marshalled SeekInfo */
export async function seekEnvelope(
  signer: SigningIdentity,
  channelId: string,
  data: Uint8Array,
  tlsCertHash?: Uint8Array,
): Promise<common.Envelope> {
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.DELIVER_SEEK_INFO);
  header.setChannelId(channelId);
  header.setTimestamp(timestampOf(new Date()));
  if (tlsCertHash) header.setTlsCertHash(tlsCertHash);
  const headers = new common.Header();
  headers.setChannelHeader(header.serializeBinary());
  headers.setSignatureHeader(newSignatureHeader(signer, randomBytes(24)));
  const payload = new common.Payload();
  payload.setHeader(headers);
  payload.setData(data);
  return signEnvelope(signer, payload);
}
