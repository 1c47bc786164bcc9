import { createHash } from 'node:crypto';
import { openDatabase } from '../../src/ledger/ledgerDb.js';
import { keys } from '../../src/ledger/keys.js';
import { decodeStoredValue } from '../../src/ledger/storedValue.js';

/** One entry of a state in the form of a recording's state.json. */
export interface DumpedEntry {
  readonly keyBase64: string;
  readonly version: [number, number];
  readonly valueBase64?: string;
  /** In place of a long value. */
  readonly valueSha256?: string;
  readonly metadataBase64?: string;
}

/** Reads the whole state of a closed ledger: namespace (`ks`, `ks hashed coll`, `ks private coll`) → entries. */
export async function dumpState(ledgerDir: string): Promise<Map<string, DumpedEntry[]>> {
  const database = await openDatabase(ledgerDir);
  const state = new Map<string, DumpedEntry[]>();
  const add = (namespace: string, key: Buffer, stored: Buffer): void => {
    const { version, value, metadata } = decodeStoredValue(stored);
    const entry: DumpedEntry = {
      keyBase64: key.toString('base64'),
      version: [version.blockNum, version.txNum],
      ...shownValue(value),
      ...(metadata ? { metadataBase64: Buffer.from(metadata).toString('base64') } : {}),
    };
    state.set(namespace, [...(state.get(namespace) ?? []), entry]);
  };
  for await (const [key, value] of database.iterator(keys.allState)) {
    const end = key.indexOf(0);
    add(key.subarray(1, end).toString(), key.subarray(end + 1), value);
  }
  for (const [kind, range] of [
    ['hashed', keys.allHashedState],
    ['private', keys.allPrivateState],
  ] as const) {
    for await (const [key, value] of database.iterator(range)) {
      const first = key.indexOf(0);
      const second = key.indexOf(0, first + 1);
      const namespace = `${key.subarray(1, first).toString()} ${kind} ${key.subarray(first + 1, second).toString()}`;
      add(namespace, key.subarray(second + 1), value);
    }
  }
  await database.close();
  return state;
}

/** Values of this length and more are recorded by their hash. */
const longValue = 100_000;

function shownValue(value: Uint8Array): { valueBase64: string } | { valueSha256: string } {
  if (value.length >= longValue) return { valueSha256: createHash('sha256').update(value).digest('hex') };
  return { valueBase64: Buffer.from(value).toString('base64') };
}
