import { common } from '../../src/protos/index.js';
import { fixture, fixtureJson } from './fixtures.js';

/** One transaction as a recording's index.json describes it. */
export interface RecordedTransaction {
  readonly txid: string;
  readonly type: number;
  readonly creatorMsp: string;
  readonly chaincode: string | null;
  readonly args: readonly string[] | null;
  readonly code: number;
  readonly codeName: string;
  readonly what: string;
  readonly reason?: string;
}

export interface RecordedBlock {
  readonly number: number;
  readonly file: string;
  readonly previousHash: string;
  readonly dataHash: string;
  readonly headerHash: string;
  readonly transactions: readonly RecordedTransaction[];
}

export interface RecordedChain {
  readonly channel: string;
  readonly chainInfo: { height: number; currentBlockHash: string; previousBlockHash: string };
  readonly blocks: readonly RecordedBlock[];
}

export function recordedChain(folder: string): RecordedChain {
  return fixtureJson(folder, 'index.json') as RecordedChain;
}

/** The block with the metadata that the recording peer stored. */
export function recordedBlock(folder: string, blockNumber: number): common.Block {
  const file = `${String(blockNumber).padStart(4, '0')}.pb`;
  return common.Block.deserializeBinary(fixture(folder, 'blocks', file));
}

/** One entry of state.json. */
export interface RecordedEntry {
  readonly key?: string;
  readonly keyBase64?: string;
  readonly keyHash?: string;
  readonly version: [number, number];
  readonly valueBase64?: string;
  readonly valueHash?: string;
  /** Stands for a long value. */
  readonly valueSha256?: string;
  readonly metadataBase64?: string;
}

/** The state of the recording peer after the last block, in the form of dumpState(). */
export function recordedState(folder: string): Map<string, object[]> {
  const { namespaces } = fixtureJson(folder, 'state.json') as { namespaces: Record<string, RecordedEntry[]> };
  const state = new Map<string, object[]>();
  for (const [namespace, entries] of Object.entries(namespaces)) {
    if (namespace === '') continue;
    state.set(
      namespace,
      entries.map((entry) => ({
        keyBase64: entry.keyHash
          ? Buffer.from(entry.keyHash, 'hex').toString('base64')
          : (entry.keyBase64 ?? Buffer.from(entry.key ?? '').toString('base64')),
        version: entry.version,
        ...(entry.valueSha256
          ? { valueSha256: entry.valueSha256 }
          : {
              valueBase64: entry.valueHash
                ? Buffer.from(entry.valueHash, 'hex').toString('base64')
                : (entry.valueBase64 ?? ''),
            }),
        ...(entry.metadataBase64 ? { metadataBase64: entry.metadataBase64 } : {}),
      })),
    );
  }
  return state;
}
