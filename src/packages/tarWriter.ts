/** One file of a code package. */
export interface TarFile {
  readonly name: string;
  readonly content: Uint8Array;
}

const block = 512;
const encoder = new TextEncoder();

/**
 * A tar as `peer chaincode package` writes it: whatever the files were on disk, times are zero, the mode is 0100644 and the
 * owner 500, so that the same sources always give the same hash (contract 5.7).
 */
export function makeTar(files: readonly TarFile[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { name, content } of files) {
    parts.push(...headersOf(name, content.length), content, padding(content.length));
  }
  parts.push(new Uint8Array(2 * block));
  return Buffer.concat(parts);
}

function padding(size: number): Uint8Array {
  return new Uint8Array((block - (size % block)) % block);
}

function headersOf(name: string, size: number): Uint8Array[] {
  const short = splitName(name);
  if (short !== undefined) return [header(short, size, '0', 0o100644)];
  // Too long for the old form: a PAX record before the entry carries the whole name.
  const record = paxRecord('path', name);
  const paxName = { prefix: '', name: ascii(`PaxHeaders.0/${name.slice(name.lastIndexOf('/') + 1)}`) };
  return [
    header(paxName, record.length, 'x', 0),
    record,
    padding(record.length),
    header({ prefix: '', name: ascii(name) }, size, '0', 0o100644),
  ];
}

interface SplitName {
  readonly prefix: string;
  readonly name: string;
}

/** Splits a name over the two fields of the old form as Go does; undefined when it does not fit. */
function splitName(name: string): SplitName | undefined {
  if (!/^[\x00-\x7f]*$/.test(name)) return undefined;
  if (name.length <= 100) return { prefix: '', name };
  const at = name.slice(0, 156).lastIndexOf('/');
  const rest = name.length - at - 1;
  if (at <= 0 || rest > 100 || rest === 0) return undefined;
  return { prefix: name.slice(0, at), name: name.slice(at + 1) };
}

function ascii(name: string): string {
  return name.replaceAll(/[^\x00-\x7f]/g, '').slice(0, 100);
}

function paxRecord(key: string, value: string): Uint8Array {
  const body = encoder.encode(` ${key}=${value}\n`);
  let length = body.length + 1;
  while (String(length).length + body.length !== length) length = String(length).length + body.length;
  return Buffer.concat([encoder.encode(String(length)), body]);
}

function header(path: SplitName, size: number, type: '0' | 'x', mode: number): Uint8Array {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, at: number, width: number): void => {
    bytes.write(value.toString(8).padStart(width - 1, '0'), at);
  };
  const own = type === '0';
  bytes.write(path.name, 0);
  octal(mode, 100, 8);
  octal(own ? 500 : 0, 108, 8);
  octal(own ? 500 : 0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write('ustar\0' + '00', 257);
  // Fabric 1.4 leaves the packager's login name here; that of its own images is taken, so that the hash is the same for all.
  bytes.write(own ? 'root' : '', 265);
  bytes.write(own ? 'root' : '', 297);
  octal(0, 329, 8);
  octal(0, 337, 8);
  bytes.write(path.prefix, 345);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}
