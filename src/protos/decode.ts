import { isUtf8 } from 'node:buffer';
import { LauncherError } from '../errors.js';
import { walkFields } from './wire.js';

/** A message could not be decoded; the text is `error unmarshaling ‹type›: ‹why›` as Fabric has it. */
export class ProtoError extends LauncherError {
  override readonly name = 'ProtoError';
}

interface MessageClass<T> {
  deserializeBinary(bytes: Uint8Array): T;
}

/**
 * Decodes bytes that came from outside.
 * @param typeName the message's name as it stands in Fabric's error texts, for example `Proposal`
 * @throws ProtoError `error unmarshaling ‹typeName›: ‹why›`
 */
export function decode<T>(messageClass: MessageClass<T>, bytes: Uint8Array, typeName: string): T {
  try {
    return messageClass.deserializeBinary(bytes);
  } catch (error) {
    throw new ProtoError(`error unmarshaling ${typeName}: ${whyUndecodable(bytes)}`, { cause: error });
  }
}

/**
 * Go's words for bytes that the decoder refused. What it says itself differs by place and release; nearly always a
 * field, here or further in, claims more bytes than there are.
 */
export function whyUndecodable(bytes: Uint8Array): string {
  return walkFields(bytes, () => false) ?? 'unexpected EOF';
}

/**
 * Refuses a string that is not UTF-8, which the library reads with the bad bytes left out: another string than was sent.
 * @param field number and full name of the string field, for example `common.ChannelHeader.channel_id`
 * @throws ProtoError `proto: field "‹name›" contains invalid UTF-8`
 */
export function checkUtf8(
  bytes: Uint8Array,
  field: { readonly number: number; readonly name: string },
): void {
  walkFields(bytes, ({ number, content }) => {
    if (number === field.number && content && !isUtf8(content)) {
      throw new ProtoError(`proto: field "${field.name}" contains invalid UTF-8`);
    }
    return false;
  });
}

/** Encodes a message. Never re-encode what somebody signed or hashed: keep the received bytes. */
export function encode(message: { serializeBinary(): Uint8Array }): Uint8Array {
  return message.serializeBinary();
}
