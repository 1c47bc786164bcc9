import { LauncherError, wrap } from '../errors.js';
import { peer } from '../protos/index.js';

export const { Type } = peer.ChaincodeMessage;

export type MessageType = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap];

const typeNames: string[] = [];
for (const [name, number] of Object.entries(Type) as [string, number][]) typeNames[number] = name;

/** The name as it stands in Fabric's texts and metrics; the number when this version knows none. */
export function typeName(type: number): string {
  return typeNames.at(type) ?? String(type);
}

/** A message of a transaction; without txid and channel where both are ''. */
export function newMessage(
  type: MessageType,
  payload?: Uint8Array,
  txId = '',
  channelId = '',
): peer.ChaincodeMessage {
  const message = new peer.ChaincodeMessage();
  message.setType(type);
  if (payload && payload.length > 0) message.setPayload(payload);
  if (txId !== '') message.setTxid(txId);
  if (channelId !== '') message.setChannelId(channelId);
  return message;
}

/** The first eight characters of a txid, as log lines and some texts have it. */
export function shortTxId(txId: string): string {
  return txId.slice(0, 8);
}

interface PayloadClass<T> {
  deserializeBinary(bytes: Uint8Array): T;
}

/** Decodes the payload of a request; throws `unmarshal failed: ‹why›`. */
export function unmarshal<T>(payloadClass: PayloadClass<T>, bytes: Uint8Array): T {
  try {
    return payloadClass.deserializeBinary(bytes);
  } catch (error) {
    throw wrap('unmarshal failed', error);
  }
}

/**
 * Decodes a payload whose first field is the key. The library reads a key that is not UTF-8 as '', and so
 * would take it for the empty key; Fabric refuses it.
 * @param name the message's name in Fabric's text
 */
export function unmarshalKeyed<T extends { getKey(): string }>(
  payloadClass: PayloadClass<T>,
  bytes: Uint8Array,
  name: string,
): T {
  const body = unmarshal(payloadClass, bytes);
  // 0x0a is field 1 with a length, as every shim writes it first; a key of length zero is not written at all.
  if (body.getKey() === '' && bytes[0] === 0x0a && bytes[1] !== 0) {
    throw new LauncherError(`unmarshal failed: proto: field "protos.${name}.key" contains invalid UTF-8`);
  }
  return body;
}
