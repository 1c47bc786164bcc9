import { ledger } from '../../protos/index.js';
import { compareUtf8 } from '../keys.js';
import { metadataEntries } from '../metadata.js';
import type { Version } from '../types.js';
import { kvMetadataWrite, kvVersion, kvWrite, sha256 } from './messages.js';

const { rwset } = ledger;
const { kvrwset } = rwset;

/** One private data collection of a read-write set: hashes for the block, plain values for who may see them. */
export class CollectionBuilder {
  readonly #reads = new Map<string, Version | undefined>();
  readonly #writes = new Map<string, Uint8Array | undefined>();
  readonly #metadata = new Map<string, ReadonlyMap<string, Uint8Array>>();

  addRead(key: string, version: Version | undefined): void {
    this.#reads.set(key, version);
  }

  /** @param value undefined deletes the key */
  addWrite(key: string, value: Uint8Array | undefined): void {
    this.#writes.set(key, value);
  }

  addMetadataWrite(key: string, metadata: ReadonlyMap<string, Uint8Array>): void {
    this.#metadata.set(key, metadata);
  }

  buildHashed(name: string): InstanceType<typeof rwset.CollectionHashedReadWriteSet> {
    const set = new kvrwset.HashedRWSet();
    set.setHashedReadsList(byHash(this.#reads).map(([hash, version]) => hashedRead(hash, version)));
    set.setHashedWritesList(byHash(this.#writes).map(([hash, value]) => hashedWrite(hash, value)));
    set.setMetadataWritesList(
      byHash(this.#metadata).map(([hash, metadata]) => hashedMetadata(hash, metadata)),
    );
    const result = new rwset.CollectionHashedReadWriteSet();
    result.setCollectionName(name);
    result.setHashedRwset(set.serializeBinary());
    const plain = this.#plainSet();
    if (plain) result.setPvtRwsetHash(sha256(plain));
    return result;
  }

  buildPrivate(name: string): InstanceType<typeof rwset.CollectionPvtReadWriteSet> | undefined {
    const plain = this.#plainSet();
    if (!plain) return undefined;
    const result = new rwset.CollectionPvtReadWriteSet();
    result.setCollectionName(name);
    result.setRwset(plain);
    return result;
  }

  /** Marshalled KVRWSet with the plain writes; undefined when nothing is written. */
  #plainSet(): Uint8Array | undefined {
    if (this.#writes.size === 0 && this.#metadata.size === 0) return undefined;
    const set = new kvrwset.KVRWSet();
    for (const [key, value] of [...this.#writes].sort(([a], [b]) => compareUtf8(a, b))) {
      set.addWrites(kvWrite(key, value));
    }
    for (const [key, metadata] of [...this.#metadata].sort(([a], [b]) => compareUtf8(a, b))) {
      set.addMetadataWrites(kvMetadataWrite(key, metadata));
    }
    return set.serializeBinary();
  }
}

function hashedRead(keyHash: Buffer, version: Version | undefined): InstanceType<typeof kvrwset.KVReadHash> {
  const read = new kvrwset.KVReadHash();
  read.setKeyHash(keyHash);
  if (version) read.setVersion(kvVersion(version));
  return read;
}

function hashedWrite(
  keyHash: Buffer,
  value: Uint8Array | undefined,
): InstanceType<typeof kvrwset.KVWriteHash> {
  const write = new kvrwset.KVWriteHash();
  write.setKeyHash(keyHash);
  if (value && value.length > 0) write.setValueHash(sha256(value));
  else write.setIsDelete(true);
  return write;
}

function hashedMetadata(
  keyHash: Buffer,
  metadata: ReadonlyMap<string, Uint8Array>,
): InstanceType<typeof kvrwset.KVMetadataWriteHash> {
  const write = new kvrwset.KVMetadataWriteHash();
  write.setKeyHash(keyHash);
  write.setEntriesList(metadataEntries(metadata));
  return write;
}

function byHash<T>(entries: ReadonlyMap<string, T>): [Buffer, T][] {
  const hashed = [...entries].map(([key, value]): [Buffer, T] => [sha256(key), value]);
  return hashed.sort(([a], [b]) => Buffer.compare(a, b));
}
