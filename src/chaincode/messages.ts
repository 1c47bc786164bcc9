import { isUtf8 } from 'node:buffer';
import { LauncherError } from '../errors.js';
import { peer, whyUndecodable } from '../protos/index.js';

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

/** Decodes the payload of a request; throws `unmarshal failed: ‹why›` in Go's words. */
export function unmarshal<T>(payloadClass: PayloadClass<T>, bytes: Uint8Array): T {
  try {
    return payloadClass.deserializeBinary(bytes);
  } catch (error) {
    throw new LauncherError(`unmarshal failed: ${whyUndecodable(bytes)}`, { cause: error });
  }
}

/**
 * Decodes a payload whose first field is the key. The library drops what is not UTF-8, and so would read another key
 * than was sent; Fabric refuses it.
 * @param name the message's name in Fabric's text
 */
export function unmarshalKeyed<T>(payloadClass: PayloadClass<T>, bytes: Uint8Array, name: string): T {
  const body = unmarshal(payloadClass, bytes);
  const key = firstField(bytes);
  if (key && !isUtf8(key)) {
    throw new LauncherError(`unmarshal failed: proto: field "protos.${name}.key" contains invalid UTF-8`);
  }
  return body;
}

/** The content of field 1 where every shim writes it: at the beginning. The bytes are known to be a message. */
function firstField(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== 0x0a) return undefined;
  let length = 0;
  let at = 1;
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[at++] ?? 0;
    length += (byte & 0x7f) * shift;
    if (byte < 0x80) return bytes.subarray(at, at + length);
  }
}
