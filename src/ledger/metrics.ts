import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { blockTransactions, openEnvelope } from '../channelconfig/blocks.js';
import { common, peer } from '../protos/index.js';

const buckets = [0.005, 0.01, 0.015, 0.05, 0.1, 1, 10];

/** Fabric's ledger_* metrics (contract 15). */
export class LedgerMetrics {
  readonly blockchainHeight: Gauge<'channel'>;
  readonly #processing: Histogram<'channel'>;
  readonly #storage: Histogram<'channel'>;
  readonly #blockStorage: Histogram<'channel'>;
  readonly #stateCommit: Histogram<'channel'>;
  readonly #transactions: Counter<'channel' | 'transaction_type' | 'chaincode' | 'validation_code'>;

  constructor(registry: Registry) {
    const registers = [registry];
    const histogram = (name: string, help: string): Histogram<'channel'> =>
      new Histogram({ name, help, labelNames: ['channel'], buckets, registers });
    this.blockchainHeight = new Gauge({
      name: 'ledger_blockchain_height',
      help: 'Height of the chain in blocks.',
      labelNames: ['channel'],
      registers,
    });
    this.#processing = histogram(
      'ledger_block_processing_time',
      'Time taken in seconds for ledger block processing.',
    );
    this.#storage = histogram(
      'ledger_blockstorage_and_pvtdata_commit_time',
      'Time taken in seconds for committing the block and private data to storage.',
    );
    this.#blockStorage = histogram(
      'ledger_blockstorage_commit_time',
      'Time taken in seconds for committing the block to storage.',
    );
    this.#stateCommit = histogram(
      'ledger_statedb_commit_time',
      'Time taken in seconds for committing block changes to state db.',
    );
    this.#transactions = new Counter({
      name: 'ledger_transaction_count',
      help: 'Number of transactions processed.',
      labelNames: ['channel', 'transaction_type', 'chaincode', 'validation_code'],
      registers,
    });
  }

  /** Measures one commit: from its start to the writes prepared, and to the writes done. */
  commitTimer(channel: string): { prepared(): void; written(): void } {
    const start = process.hrtime.bigint();
    const seconds = (since: bigint): number => Number(process.hrtime.bigint() - since) / 1e9;
    let preparedAt = start;
    return {
      prepared: () => {
        preparedAt = process.hrtime.bigint();
      },
      written: () => {
        // Block, state and private data are one write here, so all three show the same time.
        this.#blockStorage.observe({ channel }, seconds(preparedAt));
        this.#storage.observe({ channel }, seconds(preparedAt));
        this.#stateCommit.observe({ channel }, seconds(preparedAt));
        this.#processing.observe({ channel }, seconds(start));
      },
    };
  }

  committed(channel: string, height: number, block: common.Block, codes: Uint8Array): void {
    this.blockchainHeight.set({ channel }, height);
    for (const [index, envelope] of blockTransactions(block).entries()) {
      const code = codes[index] ?? peer.TxValidationCode.NOT_VALIDATED;
      this.#transactions.inc({ channel, ...kindOf(envelope), validation_code: codeName(code) });
    }
  }
}

function kindOf(envelope: Uint8Array): { transaction_type: string; chaincode: string } {
  try {
    const { channelHeader } = openEnvelope(envelope);
    const type = Object.entries(common.HeaderType).find(([, value]) => value === channelHeader.getType());
    const extension = peer.ChaincodeHeaderExtension.deserializeBinary(channelHeader.getExtension_asU8());
    const id = extension.getChaincodeId();
    return {
      transaction_type: type?.[0] ?? 'unknown',
      chaincode: id ? `${id.getName()}:${id.getVersion()}` : 'unknown',
    };
  } catch {
    // An undecodable transaction is counted like Fabric does.
    return { transaction_type: 'unknown', chaincode: 'unknown' };
  }
}

function codeName(code: number): string {
  return Object.entries(peer.TxValidationCode).find(([, value]) => value === code)?.[0] ?? String(code);
}
