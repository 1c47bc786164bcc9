import { LauncherError } from '../errors.js';
import { blockHeaderHash, blockTransactions, metadataIndex } from '../channelconfig/blocks.js';
import { common, peer } from '../protos/index.js';
import { keys } from './keys.js';
import type { Database, WriteOperation } from './ledgerDb.js';
import { transactionId } from './transactions.js';

/** Where a transaction stands: the first one of its txid. */
export interface TransactionPlace {
  readonly blockNum: number;
  readonly txNum: number;
  readonly code: number;
}

/** Blocks and their indexes (fsblkstorage's queries over one ordered store). */
export class BlockStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws `Entry not found in index`. */
  byNumber(blockNumber: number): common.Block {
    return common.Block.deserializeBinary(this.#require(keys.block(blockNumber)));
  }

  byHash(hash: Uint8Array): common.Block {
    return this.byNumber(Number(this.#require(keys.hashIndex(hash)).readBigUInt64BE()));
  }

  byTxId(txId: string): common.Block {
    return this.byNumber(this.placeOf(txId).blockNum);
  }

  placeOf(txId: string): TransactionPlace {
    const entry = txId === '' ? undefined : this.#database.getSync(keys.transaction(txId));
    if (!entry) throw new LauncherError('Entry not found in index');
    return {
      blockNum: Number(entry.readBigUInt64BE()),
      txNum: entry.readUInt32BE(8),
      code: entry.readUInt8(12),
    };
  }

  hasTransaction(txId: string): boolean {
    return txId !== '' && this.#database.getSync(keys.transaction(txId)) !== undefined;
  }

  transaction(txId: string): peer.ProcessedTransaction {
    const place = this.placeOf(txId);
    const envelope = this.envelopeAt(place.blockNum, place.txNum);
    const processed = new peer.ProcessedTransaction();
    processed.setTransactionenvelope(common.Envelope.deserializeBinary(envelope));
    processed.setValidationcode(place.code);
    return processed;
  }

  envelopeAt(blockNum: number, txNum: number): Uint8Array {
    const envelope = blockTransactions(this.byNumber(blockNum))[txNum];
    if (!envelope) throw new LauncherError('Entry not found in index');
    return envelope;
  }

  /** What must be written for a block whose metadata is complete. */
  writesOf(block: common.Block, codes: Uint8Array): WriteOperation[] {
    const header = block.getHeader();
    if (!header) throw new LauncherError('block without a header');
    const number = header.getNumber();
    const numberBytes = Buffer.alloc(8);
    numberBytes.writeBigUInt64BE(BigInt(number));
    const operations: WriteOperation[] = [
      { type: 'put', key: keys.block(number), value: Buffer.from(block.serializeBinary()) },
      { type: 'put', key: keys.hashIndex(blockHeaderHash(header)), value: numberBytes },
    ];
    const seen = new Set<string>();
    for (const [index, envelope] of blockTransactions(block).entries()) {
      const txId = transactionId(envelope);
      if (txId === '' || seen.has(txId) || this.hasTransaction(txId)) continue;
      seen.add(txId);
      const place = Buffer.alloc(13);
      numberBytes.copy(place);
      place.writeUInt32BE(index, 8);
      place.writeUInt8(codes[index] ?? peer.TxValidationCode.NOT_VALIDATED, 12);
      operations.push({ type: 'put', key: keys.transaction(txId), value: place });
    }
    return operations;
  }

  #require(key: Buffer): Buffer {
    const value = this.#database.getSync(key);
    if (!value) throw new LauncherError('Entry not found in index');
    return value;
  }
}

/** Puts the transactions' codes and the commit hash into the block's metadata, which has five entries afterwards. */
export function completeMetadata(
  block: common.Block,
  codes: Uint8Array,
  commitHash: Uint8Array | undefined,
): void {
  const metadata = block.getMetadata() ?? new common.BlockMetadata();
  const entries = metadata.getMetadataList_asU8();
  while (entries.length < 5) entries.push(new Uint8Array());
  entries[metadataIndex.transactionsFilter] = codes;
  if (commitHash) {
    const value = new common.Metadata();
    value.setValue(commitHash);
    entries[metadataIndex.commitHash] = value.serializeBinary();
  }
  metadata.setMetadataList(entries);
  block.setMetadata(metadata);
}
