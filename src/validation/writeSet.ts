import type { ledger } from '../protos/index.js';
import { strict } from './strictDecode.js';

/** What a transaction writes into one collection; private keys are known by their hashes only. */
export interface CollectionWrites {
  readonly collection: string;
  readonly writes: readonly Uint8Array[];
  readonly metadataWrites: readonly Uint8Array[];
}

/** What a transaction writes into one namespace. */
export interface NamespaceWrites {
  readonly namespace: string;
  readonly writes: readonly ledger.rwset.kvrwset.KVWrite[];
  /** Keys whose metadata are written. */
  readonly metadataWrites: readonly string[];
  readonly collections: readonly CollectionWrites[];
}

/** The write half of a marshalled TxReadWriteSet, in its order. Throws when any part of it does not decode. */
export function parseWrites(results: Uint8Array): NamespaceWrites[] {
  return strict
    .readWriteSet(results)
    .getNsRwsetList()
    .map((one) => {
      const set = strict.keyValueSet(one.getRwset_asU8());
      return {
        namespace: one.getNamespace(),
        writes: set.getWritesList(),
        metadataWrites: set.getMetadataWritesList().map((write) => write.getKey()),
        collections: one.getCollectionHashedRwsetList().map((collection) => {
          const hashed = strict.hashedSet(collection.getHashedRwset_asU8());
          return {
            collection: collection.getCollectionName(),
            writes: hashed.getHashedWritesList().map((write) => write.getKeyHash_asU8()),
            metadataWrites: hashed.getMetadataWritesList().map((write) => write.getKeyHash_asU8()),
          };
        }),
      };
    });
}
