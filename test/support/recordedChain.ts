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
