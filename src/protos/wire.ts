/** A field of a message as it lies on the wire. */
export interface WireField {
  readonly number: number;
  readonly wireType: number;
  /** Content of a length-delimited field; undefined for the other wire types. */
  readonly content: Uint8Array | undefined;
}

const eof = 'unexpected EOF';

/**
 * Walks over the fields of one message, not into them.
 * @param visit returns true to end the walk early
 * @returns why the bytes are no message, in the words of Go's decoder; undefined when they are (as far as was walked)
 */
export function walkFields(bytes: Uint8Array, visit: (field: WireField) => boolean): string | undefined {
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    if (!tag) return eof;
    at = tag.end;
    const wireType = tag.value % 8;
    const field = readContent(bytes, at, wireType);
    if (typeof field === 'string') return field;
    at = field.end;
    if (visit({ number: Math.floor(tag.value / 8), wireType, content: field.content })) return undefined;
  }
  return undefined;
}

/** Is this field there at all? A getter cannot tell an absent bytes field from an empty one. */
export function hasWireField(bytes: Uint8Array, number: number): boolean {
  let found = false;
  walkFields(bytes, (field) => (found ||= field.number === number));
  return found;
}

function readContent(
  bytes: Uint8Array,
  at: number,
  wireType: number,
): { end: number; content?: Uint8Array } | string {
  switch (wireType) {
    case 0: {
      const value = readVarint(bytes, at);
      return value ? { end: value.end } : eof;
    }
    case 1:
      return at + 8 > bytes.length ? eof : { end: at + 8 };
    case 2: {
      const length = readVarint(bytes, at);
      if (!length || length.end + length.value > bytes.length) return eof;
      const end = length.end + length.value;
      return { end, content: bytes.subarray(length.end, end) };
    }
    case 3:
      // A group of an old message form: nothing here has one, so its end is not searched for.
      return eof;
    case 5:
      return at + 4 > bytes.length ? eof : { end: at + 4 };
    default:
      return `proto: can't skip unknown wire type ${wireType}`;
  }
}

function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  let factor = 1;
  for (let at = start; at < start + 10; at++) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: at + 1 };
    factor *= 128;
  }
  return undefined;
}
