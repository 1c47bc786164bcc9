import type { Version } from './types.js';

/** A value of the state with its version and, where there is one, its marshalled metadata. */
export interface StoredValue {
  readonly version: Version;
  readonly value: Uint8Array;
  /** Marshalled KVMetadataWrite entries; undefined when the key has no metadata. */
  readonly metadata?: Uint8Array | undefined;
}

/** block (8 bytes) ‖ tx (4) ‖ metadata length (4) ‖ metadata ‖ value. */
export function encodeStoredValue(stored: StoredValue): Buffer {
  const metadata = stored.metadata ?? new Uint8Array();
  const head = Buffer.alloc(16);
  head.writeBigUInt64BE(BigInt(stored.version.blockNum), 0);
  head.writeUInt32BE(stored.version.txNum, 8);
  head.writeUInt32BE(metadata.length, 12);
  return Buffer.concat([head, metadata, stored.value]);
}

export function decodeStoredValue(bytes: Buffer): StoredValue {
  const metadataLength = bytes.readUInt32BE(12);
  const version = {
    blockNum: bytes.readUInt32BE(0) * 2 ** 32 + bytes.readUInt32BE(4),
    txNum: bytes.readUInt32BE(8),
  };
  const value = bytes.subarray(16 + metadataLength);
  return metadataLength > 0
    ? { version, value, metadata: bytes.subarray(16, 16 + metadataLength) }
    : { version, value };
}
