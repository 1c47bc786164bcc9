import { blockHeaderHash, blockTransactions } from '../channelconfig/blocks.js';
import type { ChannelResources } from '../channelconfig/types.js';
import type { PeerLedger } from '../ledger/types.js';
import type { Logger } from '../ops/log.js';
import { peer, type common } from '../protos/index.js';
import { checkLinks, checkOrdererSignature } from './blockCheck.js';
import type { Listeners } from './listeners.js';
import type { CommitEvent, Validator } from './types.js';

const valid = peer.TxValidationCode.VALID;

export interface ChannelOptions {
  readonly ledger: PeerLedger;
  readonly resources: ChannelResources;
  readonly validator: Validator;
  readonly listeners: Listeners;
  readonly logger: Logger;
}

/** One channel that this peer has joined. */
export class Channel {
  readonly id: string;
  readonly ledger: PeerLedger;
  readonly #validator: Validator;
  readonly #listeners: Listeners;
  readonly #logger: Logger;
  #resources: ChannelResources;
  #lastHash: Uint8Array;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: ChannelOptions) {
    this.id = options.ledger.channelId;
    this.ledger = options.ledger;
    this.#resources = options.resources;
    this.#validator = options.validator;
    this.#listeners = options.listeners;
    this.#logger = options.logger;
    this.#lastHash = this.ledger.getBlockchainInfo().getCurrentblockhash_asU8();
  }

  /** The configuration after the last committed block. */
  get resources(): ChannelResources {
    return this.#resources;
  }

  /**
   * Checks, validates and commits the next block; calls are worked off one after another.
   * Rejects with BlockRefusedError, or when validation or ledger cannot go on; then nothing of the block is written.
   */
  processBlock(block: common.Block): Promise<CommitEvent> {
    const run = this.#tail.then(() => this.#process(block));
    this.#tail = run.catch(() => undefined);
    return run;
  }

  /** Resolves when no block is being worked on. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  async #process(block: common.Block): Promise<CommitEvent> {
    checkLinks(block, { height: this.ledger.height, lastHash: this.#lastHash });
    await checkOrdererSignature(block, this.#resources);
    const blockNumber = block.getHeader()?.getNumber() ?? 0;
    this.#listeners.received(this.id, blockNumber, blockTransactions(block));

    const started = performance.now();
    const verdict = await this.#validator.validate(block, {
      resources: this.#resources,
      ledger: this.ledger,
    });
    const validated = performance.now();
    const committed = await this.ledger.commit({ block, codes: verdict.codes });
    const header = block.getHeader();
    if (header) this.#lastHash = blockHeaderHash(header);
    if (verdict.nextResources) this.#resources = verdict.nextResources;
    this.#logger.info(
      {
        channel: this.id,
        block: blockNumber,
        transactions: committed.transactions.length,
        validationMs: Math.round(validated - started),
        commitMs: Math.round(performance.now() - validated),
      },
      `[${this.id}] Committed block [${blockNumber}] with ${committed.transactions.length} transaction(s)`,
    );
    const event: CommitEvent = {
      ...committed,
      channelId: this.id,
      blockNumber,
      chaincodes: verdict.chaincodes.filter(({ txNum }) => committed.transactions[txNum]?.code === valid),
    };
    this.#listeners.committed(event);
    return event;
  }
}
