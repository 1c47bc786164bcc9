import { LauncherError } from '../errors.js';
import { blockTransactions } from '../channelconfig/blocks.js';
import { common, decode, peer } from '../protos/index.js';
import { completeMetadata, type BlockStore } from './blockStore.js';
import { commitHash } from './commitHash.js';
import { historyWrites } from './history.js';
import { keys } from './keys.js';
import type { StateReader, WriteOperation } from './ledgerDb.js';
import { MvccValidator } from './mvcc.js';
import { PlainUpdates } from './plainUpdates.js';
import type { PrivateData } from './privateData.js';
import { encodeStoredValue } from './storedValue.js';
import { readTransaction, transactionId } from './transactions.js';
import { BlockUpdates } from './updates.js';
import type { BlockToCommit } from './types.js';

const { VALID } = peer.TxValidationCode;
const configKey = 'resourcesconfigtx.CHANNEL_CONFIG_KEY';

/** Everything that one block changes, ready to be written at once. */
export interface PreparedCommit {
  readonly operations: WriteOperation[];
  readonly codes: Uint8Array;
  readonly commitHash: Buffer | undefined;
}

/** What preparing a block reads. */
export interface CommitContext {
  readonly state: StateReader;
  readonly blocks: BlockStore;
  readonly privateData: PrivateData;
  readonly previousCommitHash: Uint8Array | undefined;
}

/** Decides the transactions of a validated block one after the other and gathers all writes; writes nothing itself. */
export async function prepareCommit(
  { block, codes: validated }: BlockToCommit,
  { state, blocks, privateData, previousCommitHash }: CommitContext,
): Promise<PreparedCommit> {
  const blockNum = block.getHeader()?.getNumber() ?? 0;
  const codes = Uint8Array.from(validated);
  const updates = new BlockUpdates(state);
  const mvcc = new MvccValidator(state, updates);
  const plain = new PlainUpdates(state);
  const operations: WriteOperation[] = [];
  for (const [txNum, envelope] of blockTransactions(block).entries()) {
    if (codes[txNum] !== VALID) {
      operations.push(...privateData.forget(transactionId(envelope)));
      continue;
    }
    const version = { blockNum, txNum };
    const transaction = readTransaction(envelope);
    if (transaction.config) updates.setConfig(configKey, transaction.config, version);
    if (!transaction.namespaces) continue;
    const hasPrivateWrites = transaction.namespaces.some((one) => one.collections.length > 0);
    if (hasPrivateWrites) operations.push(...privateData.forget(transaction.txId));
    codes[txNum] = await mvcc.validate(transaction.namespaces);
    if (codes[txNum] !== VALID) continue;
    updates.apply(transaction.namespaces, version);
    for (const write of historyWrites(transaction.namespaces, blockNum, txNum)) operations.push(write);
    if (!hasPrivateWrites) continue;
    for (const kept of privateData.keptFor(transaction.txId)) plain.add(transaction.namespaces, kept);
  }
  const readLscc = (key: string): Uint8Array | undefined => updates.latest('lscc', key)?.value;
  const hash = blockNum === 0 ? undefined : commitHash(codes, updates, previousCommitHash);
  completeMetadata(block, codes, hash);
  // A literal, as the arguments of push() are limited in number and a transaction's writes are not.
  const all = [
    ...operations,
    ...(await privateData.expired(state, updates, blockNum, readLscc)),
    ...privateData.expiryEntries(updates, blockNum, readLscc),
    ...stateWrites(updates),
    ...plain.operations(updates),
    ...(await privateData.forgetOld(blockNum)),
    ...blocks.writesOf(block, codes),
  ];
  return { operations: all, codes, commitHash: hash };
}

function stateWrites(updates: BlockUpdates): WriteOperation[] {
  const operations: WriteOperation[] = [];
  for (const [namespace, changed] of updates.publicUpdates) {
    for (const [key, { stored }] of changed) {
      const stateKey = keys.state(namespace, key);
      operations.push(
        stored
          ? { type: 'put', key: stateKey, value: encodeStoredValue(stored) }
          : { type: 'del', key: stateKey },
      );
    }
  }
  for (const [namespace, collections] of updates.hashedUpdates) {
    for (const [collection, hashed] of collections) {
      for (const [keyHash, { stored }] of hashed) {
        const stateKey = keys.hashedState(namespace, collection, Buffer.from(keyHash, 'hex'));
        operations.push(
          stored
            ? { type: 'put', key: stateKey, value: encodeStoredValue(stored) }
            : { type: 'del', key: stateKey },
        );
      }
    }
  }
  return operations;
}

/** The commit hash that a committed block carries. */
export function commitHashOf(block: common.Block): Uint8Array | undefined {
  const entry = block.getMetadata()?.getMetadataList_asU8()[4];
  if (!entry || entry.length === 0) return undefined;
  return decode(common.Metadata, entry, 'Metadata').getValue_asU8();
}

/** Throws when the block does not follow the last one. */
export function requireNext(block: common.Block, height: number, lastHash: Uint8Array): void {
  const header = block.getHeader();
  if (!header) throw new LauncherError('block without a header');
  if (header.getNumber() !== height) {
    throw new LauncherError(`block number should have been ${height} but was ${header.getNumber()}`);
  }
  if (height > 0 && Buffer.compare(header.getPreviousHash_asU8(), lastHash) !== 0) {
    throw new LauncherError(`unexpected previous block hash in block ${height}`);
  }
}
