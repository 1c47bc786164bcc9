import { LauncherError } from '../errors.js';

/**
 * How a message looks on the wire: field number → kind. Only what is named is checked; other fields may be anything.
 * google-protobuf reads a field of the wrong wire type as garbage instead of refusing it, and Fabric tells its two package
 * formats apart by exactly that refusal, so the check is done here before the bytes are decoded.
 */
export type WireShape = Readonly<Record<number, 'varint' | 'bytes' | 'string' | WireMessage>>;
interface WireMessage {
  readonly message: WireShape;
}

interface WireField {
  readonly number: number;
  readonly wireType: number;
  /** The content of a length-delimited field; empty for the other wire types. */
  readonly content: Uint8Array;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function truncated(): LauncherError {
  return new LauncherError('unexpected EOF');
}

/** Walks over one message; throws on truncated or impossible fields. */
function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw truncated();
      if (shift < 49) value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new LauncherError('proto: integer overflow');
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw truncated();
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (number === 0) throw new LauncherError('proto: illegal tag 0');
    let content: Uint8Array = new Uint8Array();
    if (wireType === 0) varint();
    else if (wireType === 1) take(8);
    else if (wireType === 2) content = take(varint());
    else if (wireType === 5) take(4);
    else throw new LauncherError(`proto: illegal wireType ${wireType}`);
    yield { number, wireType, content };
  }
}

/** Throws unless the bytes are a message of this shape: wire types as Go's decoder wants them, strings in UTF-8. */
export function checkShape(bytes: Uint8Array, shape: WireShape): void {
  for (const field of fieldsOf(bytes)) {
    const kind = shape[field.number];
    if (kind === undefined) continue;
    if (field.wireType !== (kind === 'varint' ? 0 : 2)) {
      throw new LauncherError(`proto: bad wiretype ${field.wireType} for field ${field.number}`);
    }
    if (kind === 'string') {
      try {
        utf8.decode(field.content);
      } catch (cause) {
        throw new LauncherError('proto: invalid UTF-8 string', { cause });
      }
    } else if (typeof kind === 'object') {
      checkShape(field.content, kind.message);
    }
  }
}

/** The length-delimited fields of a message, the last one of each number. @throws on truncated or impossible fields */
export function bytesFields(bytes: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (const field of fieldsOf(bytes)) {
    if (field.wireType === 2) found.set(field.number, field.content);
  }
  return found;
}

/** Is this field there at all? A bytes getter cannot tell an absent field from an empty one. */
export function hasField(bytes: Uint8Array, number: number): boolean {
  for (const field of fieldsOf(bytes)) if (field.number === number) return true;
  return false;
}

/** Encodes length-delimited fields in the given order, empty ones included (proto2 style). */
export function encodeBytesFields(fields: readonly (readonly [number, Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, content] of fields) {
    const head: number[] = [(number << 3) | 2];
    let length = content.length;
    for (; length >= 0x80; length = Math.floor(length / 128)) head.push((length % 128) | 0x80);
    head.push(length);
    parts.push(Uint8Array.from(head), content);
  }
  return Buffer.concat(parts);
}
