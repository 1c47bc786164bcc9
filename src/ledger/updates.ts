import { compareUtf8 } from './keys.js';
import type { StateReader } from './ledgerDb.js';
import { encodeMetadata } from './metadata.js';
import type { StoredValue } from './storedValue.js';
import type { NamespaceSet } from './transactions.js';
import type { Version } from './types.js';

/** A key's new value; undefined deletes it. The version is that of the transaction in both cases. */
export interface Update {
  readonly version: Version;
  readonly stored: StoredValue | undefined;
}

/** One private collection's updates by hex key hash. */
export type HashedUpdates = Map<string, Update>;

/** What the valid transactions of one block change, the last write of a key winning. */
export class BlockUpdates {
  readonly #state: StateReader;
  /** namespace → key → update. */
  readonly publicUpdates = new Map<string, Map<string, Update>>();
  /** namespace → collection → hex key hash → update. */
  readonly hashedUpdates = new Map<string, Map<string, HashedUpdates>>();

  constructor(state: StateReader) {
    this.#state = state;
  }

  getPublic(namespace: string, key: string): Update | undefined {
    return this.publicUpdates.get(namespace)?.get(key);
  }

  getHashed(namespace: string, collection: string, keyHash: Uint8Array): Update | undefined {
    return this.hashedUpdates.get(namespace)?.get(collection)?.get(hex(keyHash));
  }

  /** The value as it stands after the transactions applied so far. */
  latest(namespace: string, key: string): StoredValue | undefined {
    const update = this.getPublic(namespace, key);
    return update ? update.stored : this.#state.get(namespace, key);
  }

  setConfig(key: string, value: Uint8Array, version: Version): void {
    this.#setPublic('', key, { version, stored: { version, value } });
  }

  /** Applies the writes of one valid transaction. */
  apply(namespaces: readonly NamespaceSet[], version: Version): void {
    for (const { namespace, set, collections } of namespaces) {
      const deleted = new Set<string>();
      for (const write of set.getWritesList()) {
        const key = write.getKey();
        const value = write.getValue_asU8();
        if (write.getIsDelete() || value.length === 0) {
          deleted.add(key);
          this.#setPublic(namespace, key, { version, stored: undefined });
        } else {
          const metadata = this.latest(namespace, key)?.metadata;
          this.#setPublic(namespace, key, { version, stored: { version, value, metadata } });
        }
      }
      for (const write of set.getMetadataWritesList()) {
        const key = write.getKey();
        const current = this.latest(namespace, key);
        if (deleted.has(key) || !current) continue;
        const metadata = encodeMetadata(write.getEntriesList());
        this.#setPublic(namespace, key, { version, stored: { version, value: current.value, metadata } });
      }
      for (const { collection, hashed } of collections)
        this.#applyHashed(namespace, collection, hashed, version);
    }
  }

  #applyHashed(
    namespace: string,
    collection: string,
    hashed: NamespaceSet['collections'][number]['hashed'],
    version: Version,
  ): void {
    const deleted = new Set<string>();
    const latest = (keyHash: Uint8Array): StoredValue | undefined => {
      const update = this.getHashed(namespace, collection, keyHash);
      return update ? update.stored : this.#state.getHashed(namespace, collection, keyHash);
    };
    for (const write of hashed.getHashedWritesList()) {
      const keyHash = write.getKeyHash_asU8();
      if (write.getIsDelete()) {
        deleted.add(hex(keyHash));
        this.#setHashed(namespace, collection, keyHash, { version, stored: undefined });
      } else {
        const metadata = latest(keyHash)?.metadata;
        const value = write.getValueHash_asU8();
        this.#setHashed(namespace, collection, keyHash, { version, stored: { version, value, metadata } });
      }
    }
    for (const write of hashed.getMetadataWritesList()) {
      const keyHash = write.getKeyHash_asU8();
      const current = latest(keyHash);
      if (deleted.has(hex(keyHash)) || !current) continue;
      const metadata = encodeMetadata(write.getEntriesList());
      this.#setHashed(namespace, collection, keyHash, {
        version,
        stored: { version, value: current.value, metadata },
      });
    }
  }

  #setPublic(namespace: string, key: string, update: Update): void {
    inner(this.publicUpdates, namespace).set(key, update);
  }

  #setHashed(namespace: string, collection: string, keyHash: Uint8Array, update: Update): void {
    inner(inner(this.hashedUpdates, namespace), collection).set(hex(keyHash), update);
  }
}

/** Entries of a map sorted by the UTF-8 bytes of their keys. */
export function sortedEntries<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => compareUtf8(a, b));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function inner<K, V>(outer: Map<string, Map<K, V>>, key: string): Map<K, V> {
  let map = outer.get(key);
  if (!map) {
    map = new Map<K, V>();
    outer.set(key, map);
  }
  return map;
}
