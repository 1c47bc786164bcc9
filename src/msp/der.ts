import { LauncherError } from '../errors.js';

/** One tag-length-value of a DER encoding, as views on the given bytes. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content. */
  readonly raw: Uint8Array;
}

/** Reads the element at the start of `bytes`; throws on anything that is cut or not DER. */
export function readDer(bytes: Uint8Array): DerElement {
  const tag = bytes[0];
  const first = bytes[1];
  if (tag === undefined || first === undefined) throw new LauncherError('asn1: syntax error: data truncated');
  let length = first;
  let offset = 2;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > 4) throw new LauncherError('asn1: structure error: length too large');
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[offset + i] ?? 0);
    offset += octets;
  }
  if (offset + length > bytes.length) throw new LauncherError('asn1: syntax error: data truncated');
  return { tag, content: bytes.subarray(offset, offset + length), raw: bytes.subarray(0, offset + length) };
}

/** The elements inside a constructed one, in order. */
export function readDerSequence(content: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  let rest = content;
  while (rest.length > 0) {
    const element = readDer(rest);
    elements.push(element);
    rest = rest.subarray(element.raw.length);
  }
  return elements;
}

/** Encodes one element with the shortest length form. */
export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), derLength(content.length), content]);
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return Buffer.from([0x80 | octets.length, ...octets]);
}
