import { ledger } from '../protos/index.js';
import { compareUtf8 } from './keys.js';

const { kvrwset } = ledger.rwset;

/** Metadata entries sorted by name. */
export function metadataEntries(
  metadata: ReadonlyMap<string, Uint8Array>,
): InstanceType<typeof kvrwset.KVMetadataEntry>[] {
  const sorted = [...metadata].sort(([a], [b]) => compareUtf8(a, b));
  return sorted.map(([name, value]) => {
    const entry = new kvrwset.KVMetadataEntry();
    entry.setName(name);
    entry.setValue(value);
    return entry;
  });
}

/** Metadata as it lies beside the value: a KVMetadataWrite with entries only. undefined when there are none. */
export function encodeMetadata(
  entries: readonly InstanceType<typeof kvrwset.KVMetadataEntry>[],
): Uint8Array | undefined {
  if (entries.length === 0) return undefined;
  const message = new kvrwset.KVMetadataWrite();
  message.setEntriesList([...entries]);
  return message.serializeBinary();
}

export function decodeMetadata(bytes: Uint8Array | undefined): ReadonlyMap<string, Uint8Array> | undefined {
  if (!bytes) return undefined;
  const entries = kvrwset.KVMetadataWrite.deserializeBinary(bytes).getEntriesList();
  return new Map(entries.map((entry) => [entry.getName(), entry.getValue_asU8()]));
}
