import { createHash } from 'node:crypto';
import { compareUtf8 } from './keys.js';
import { sortedEntries, type BlockUpdates, type Update } from './updates.js';
import type { Version } from './types.js';

const emptyBytes = new Uint8Array();
const emptyUpdates: ReadonlyMap<string, Update> = new Map();
const emptyCollections: ReadonlyMap<string, ReadonlyMap<string, Update>> = new Map();

/**
 * The running hash that a peer stores in metadata[4]: SHA-256 over the length and bytes of the transaction codes,
 * the block's updates in a fixed order, and the commit hash of the block before (kv_ledger.go: addBlockCommitHash).
 * @param previous undefined for block 1
 */
export function commitHash(
  codes: Uint8Array,
  updates: BlockUpdates,
  previous: Uint8Array | undefined,
): Buffer {
  return createHash('sha256')
    .update(varint(codes.length))
    .update(codes)
    .update(deterministicBytes(updates))
    .update(previous ?? emptyBytes)
    .digest();
}

function deterministicBytes(updates: BlockUpdates): Buffer {
  const namespaces = new Set([...updates.publicUpdates.keys(), ...updates.hashedUpdates.keys()]);
  namespaces.delete('');
  const entries: Buffer[] = [];
  for (const namespace of [...namespaces].sort(compareUtf8)) {
    let name = namespace;
    const add = (collection: string, key: Uint8Array, update: Update): void => {
      entries.push(field(1, entry(name, collection, key, update)));
      name = '';
    };
    for (const [key, update] of sortedEntries(updates.publicUpdates.get(namespace) ?? emptyUpdates)) {
      add('', Buffer.from(key), update);
    }
    for (const [collection, hashed] of sortedEntries(
      updates.hashedUpdates.get(namespace) ?? emptyCollections,
    )) {
      let collectionName = collection;
      for (const [keyHash, update] of sortedEntries(hashed)) {
        add(collectionName, Buffer.from(keyHash, 'hex'), update);
        collectionName = '';
      }
    }
  }
  return Buffer.concat(entries);
}

function entry(namespace: string, collection: string, key: Uint8Array, update: Update): Buffer {
  const parts: Buffer[] = [];
  if (namespace !== '') parts.push(field(1, Buffer.from(namespace)));
  if (collection !== '') parts.push(field(2, Buffer.from(collection)));
  if (key.length > 0) parts.push(field(3, key));
  if (!update.stored) parts.push(Buffer.from([4 << 3, 1]));
  else if (update.stored.value.length > 0) parts.push(field(5, update.stored.value));
  parts.push(field(6, versionBytes(update.version)));
  return Buffer.concat(parts);
}

/** A length-delimited field of a protobuf message. */
function field(number: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(content.length), content]);
}

function versionBytes(version: Version): Buffer {
  return Buffer.concat([orderPreserving(version.blockNum), orderPreserving(version.txNum)]);
}

/** One length byte and the number's bytes without leading zeros; 0 is one byte 00. */
function orderPreserving(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([bytes.length, ...bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
