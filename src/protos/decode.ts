import { LauncherError, messageOf } from '../errors.js';

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
    throw new ProtoError(`error unmarshaling ${typeName}: ${messageOf(error)}`, { cause: error });
  }
}

/** Encodes a message. Never re-encode what somebody signed or hashed: keep the received bytes. */
export function encode(message: { serializeBinary(): Uint8Array }): Uint8Array {
  return message.serializeBinary();
}
