import { blockTransactions } from '../channelconfig/blocks.js';
import { validateConfigEnvelope } from '../channelconfig/configUpdate.js';
import type { ChannelResources } from '../channelconfig/types.js';
import { LauncherError, wrap } from '../errors.js';
import type { Logger } from '../ops/log.js';
import { common } from '../protos/index.js';
import { markDuplicates, markUpgradeConflicts, type Outcome } from './blockRules.js';
import { EndorsementRules } from './endorsementRules.js';
import { verifiedEndorsers, type EndorsedTransaction } from './endorsers.js';
import { InvalidTransaction, txCode } from './invalidTransaction.js';
import {
  checkCreator,
  checkTxId,
  openEndorserTransaction,
  openTransaction,
  type OpenedTransaction,
} from './openTransaction.js';
import { PolicyCache } from './policyCache.js';
import type { BlockVerdict, ChaincodeChange, ValidationContext } from './types.js';

const { HeaderType } = common;

export interface BlockValidatorOptions {
  readonly logger: Logger;
}

/** What can be found out about a transaction without looking at the ledger or at its neighbours. */
type Prepared =
  | { readonly opened: OpenedTransaction; readonly endorsed?: EndorsedTransaction }
  | { readonly invalid: InvalidTransaction };

/**
 * Gives every transaction of a block its code before the state checks (core/committer/txvalidator, contract 12).
 * Signatures are verified concurrently; the rules are then applied in block order. No bytes of a block make it throw:
 * it rejects only when the ledger cannot be read or a CONFIG transaction does not follow from the configuration, and
 * then the block must not be committed.
 */
export class BlockValidator {
  readonly #logger: Logger;
  /** One cache for each channel's present MSPs. */
  readonly #policies = new Map<string, { cache: PolicyCache; resources: ChannelResources }>();

  constructor(options: BlockValidatorOptions) {
    this.#logger = options.logger;
  }

  async validate(block: common.Block, context: ValidationContext): Promise<BlockVerdict> {
    const { resources } = context;
    const prepared = await Promise.all(blockTransactions(block).map((bytes) => prepare(bytes, resources)));
    const state = context.ledger.newQueryExecutor();
    try {
      const rules = new EndorsementRules({
        resources,
        state,
        policies: this.#policiesOf(resources),
        blockNumber: block.getHeader()?.getNumber() ?? 0,
      });
      return await this.#decide(prepared, rules, context);
    } finally {
      state.done();
    }
  }

  async #decide(
    prepared: readonly Prepared[],
    rules: EndorsementRules,
    context: ValidationContext,
  ): Promise<BlockVerdict> {
    const outcomes: Outcome[] = [];
    const chaincodes: ChaincodeChange[] = [];
    let nextResources: ChannelResources | undefined;
    for (const [txNum, one] of prepared.entries()) {
      const outcome = await outcomeOf(one, async (opened, endorsed) => {
        if (!endorsed) {
          nextResources = await nextConfiguration(opened, nextResources ?? context.resources);
          return { code: txCode.VALID, txId: '' };
        }
        if (context.ledger.hasTransaction(opened.txId)) {
          throw new InvalidTransaction(
            txCode.DUPLICATE_TXID,
            `Duplicate transaction found, ${opened.txId}, skipping`,
          );
        }
        const { chaincode, change } = await rules.check(opened, endorsed, txNum);
        if (change) chaincodes.push(change);
        const upgrades = change?.kind === 'upgrade' ? { upgrades: change.name } : {};
        return { code: txCode.VALID, txId: opened.txId, chaincode, ...upgrades };
      });
      outcomes.push(outcome);
    }
    if (context.resources.application.capabilities.v11) markDuplicates(outcomes);
    markUpgradeConflicts(outcomes);
    this.#report(outcomes, prepared, context.resources.channelId);
    return {
      codes: Uint8Array.from(outcomes, (outcome) => outcome.code),
      reasons: outcomes.map((outcome) => outcome.reason),
      chaincodes: chaincodes.filter(({ txNum }) => outcomes[txNum]?.code === txCode.VALID),
      ...(nextResources && { nextResources }),
    };
  }

  #report(outcomes: readonly Outcome[], prepared: readonly Prepared[], channel: string): void {
    for (const [txNum, { code, reason }] of outcomes.entries()) {
      if (reason === undefined) continue;
      const one = prepared[txNum];
      const txId = one && 'opened' in one ? one.opened.txId : '';
      this.#logger.warn({ channel, txNum, txId, code }, reason);
    }
  }

  #policiesOf(resources: ChannelResources): PolicyCache {
    const known = this.#policies.get(resources.channelId);
    if (known?.resources === resources) return known.cache;
    const cache = new PolicyCache(resources.deserializer);
    this.#policies.set(resources.channelId, { cache, resources });
    return cache;
  }
}

async function prepare(bytes: Uint8Array, resources: ChannelResources): Promise<Prepared> {
  try {
    const opened = openTransaction(bytes);
    const creator = await checkCreator(opened, resources.channelId, resources.deserializer);
    if (opened.type === HeaderType.CONFIG) return { opened };
    if (opened.type !== HeaderType.ENDORSER_TRANSACTION) {
      throw new InvalidTransaction(
        txCode.UNSUPPORTED_TX_PAYLOAD,
        `unsupported transaction type ${opened.type}`,
      );
    }
    checkTxId(opened);
    const action = openEndorserTransaction(opened);
    const endorsers = await verifiedEndorsers(action, resources.deserializer);
    return { opened, endorsed: { action, creator, endorsers } };
  } catch (error) {
    if (error instanceof InvalidTransaction) return { invalid: error };
    throw error;
  }
}

async function outcomeOf(
  one: Prepared,
  rules: (opened: OpenedTransaction, endorsed: EndorsedTransaction | undefined) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    if ('invalid' in one) throw one.invalid;
    return await rules(one.opened, one.endorsed);
  } catch (error) {
    if (!(error instanceof InvalidTransaction)) throw error;
    return { code: error.code, reason: error.message, txId: '' };
  }
}

/** Only the ordering service makes CONFIG transactions; one that does not fit means that this chain is not ours. */
async function nextConfiguration(
  opened: OpenedTransaction,
  present: ChannelResources,
): Promise<ChannelResources> {
  if (opened.data.length === 0) {
    throw new LauncherError('error validating config which passed initial validity checks: no configuration');
  }
  try {
    return await validateConfigEnvelope(present, opened.data);
  } catch (error) {
    throw wrap('error validating config which passed initial validity checks', error);
  }
}
