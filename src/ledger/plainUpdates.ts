import { decode, ledger } from '../protos/index.js';
import { keys } from './keys.js';
import type { StateReader, WriteOperation } from './ledgerDb.js';
import { plainRemoval } from './privateData.js';
import { sha256 } from './rwset/messages.js';
import { encodeStoredValue } from './storedValue.js';
import type { NamespaceSet } from './transactions.js';
import { hex, type BlockUpdates, type Update } from './updates.js';

const { kvrwset } = ledger.rwset;

interface PlainValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * The plain private values of one block. The hashes in the block decide what is stored: a plain value takes effect
 * only where the block ends with its hash, whichever transaction it came with.
 */
export class PlainUpdates {
  readonly #state: StateReader;
  readonly #candidates = new Map<string, PlainValue>();

  constructor(state: StateReader) {
    this.#state = state;
  }

  /** Takes what an endorsement of a valid transaction kept; collections that the block has not with this hash are left out. */
  add(namespaces: readonly NamespaceSet[], set: ledger.rwset.TxPvtReadWriteSet): void {
    for (const namespaceSet of set.getNsPvtRwsetList()) {
      const namespace = namespaceSet.getNamespace();
      const agreed = namespaces.find((one) => one.namespace === namespace)?.collections ?? [];
      for (const collectionSet of namespaceSet.getCollectionPvtRwsetList()) {
        const collection = collectionSet.getCollectionName();
        const bytes = collectionSet.getRwset_asU8();
        const match = agreed.find((one) => one.collection === collection);
        if (!match || !sha256(bytes).equals(match.pvtHash)) continue;
        for (const write of decode(kvrwset.KVRWSet, bytes, 'KVRWSet').getWritesList()) {
          const value = write.getValue_asU8();
          const identity = candidateId(namespace, collection, hex(sha256(write.getKey())), sha256(value));
          this.#candidates.set(identity, { key: write.getKey(), value });
        }
      }
    }
  }

  /** The writes that bring the plain values in line with the block's hashes. */
  operations(updates: BlockUpdates): WriteOperation[] {
    const operations: WriteOperation[] = [];
    for (const [namespace, collections] of updates.hashedUpdates) {
      for (const [collection, hashed] of collections) {
        for (const [keyHash, update] of hashed) {
          operations.push(...this.#operationsOf(namespace, collection, keyHash, update));
        }
      }
    }
    return operations;
  }

  #operationsOf(
    namespace: string,
    collection: string,
    keyHashHex: string,
    { stored, version }: Update,
  ): WriteOperation[] {
    const keyHash = Buffer.from(keyHashHex, 'hex');
    if (!stored) {
      const gone = this.#state.getPlainKey(namespace, collection, keyHash);
      return gone === undefined ? [] : plainRemoval(namespace, collection, keyHash, gone);
    }
    const plain =
      this.#candidates.get(candidateId(namespace, collection, keyHashHex, stored.value)) ??
      this.#present(namespace, collection, keyHash, stored.value);
    if (!plain) return [];
    return [
      {
        type: 'put',
        key: keys.privateState(namespace, collection, plain.key),
        value: encodeStoredValue({ version, value: plain.value }),
      },
      { type: 'put', key: keys.plainKey(namespace, collection, keyHash), value: Buffer.from(plain.key) },
    ];
  }

  /** The value that this peer has already, if it is the one meant: a metadata write gives it a new version. */
  #present(
    namespace: string,
    collection: string,
    keyHash: Buffer,
    valueHash: Uint8Array,
  ): PlainValue | undefined {
    const key = this.#state.getPlainKey(namespace, collection, keyHash);
    if (key === undefined) return undefined;
    const value = this.#state.getPrivate(namespace, collection, key)?.value;
    return value && sha256(value).equals(valueHash) ? { key, value } : undefined;
  }
}

function candidateId(namespace: string, collection: string, keyHash: string, valueHash: Uint8Array): string {
  return `${namespace}\0${collection}\0${keyHash}\0${hex(valueHash)}`;
}
