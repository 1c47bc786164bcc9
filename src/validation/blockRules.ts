import { txCode } from './invalidTransaction.js';

/** The outcome of one transaction; the rules below may still turn it. */
export interface Outcome {
  code: number;
  reason?: string;
  /** '' where there is none. */
  readonly txId: string;
  /** The chaincode that was invoked. */
  readonly chaincode?: string;
  /** The chaincode that an lscc transaction upgrades; only set for one that was found valid by itself. */
  readonly upgrades?: string;
}

/** A txid that came before in the same block makes the later transaction invalid (V1_1). */
export function markDuplicates(outcomes: readonly Outcome[]): void {
  const seen = new Set<string>();
  for (const outcome of outcomes) {
    if (outcome.code !== txCode.VALID || outcome.txId === '') continue;
    if (seen.has(outcome.txId)) {
      outcome.code = txCode.DUPLICATE_TXID;
      outcome.reason = `Duplicate txid ${outcome.txId} found, skipping`;
    }
    seen.add(outcome.txId);
  }
}

/**
 * After markDuplicates, as in Fabric: an upgrade that is a duplicate still counts here.
 * A block that upgrades a chaincode holds no valid invocation of it, before or after the upgrade, and only the last of
 * several upgrades counts (txvalidator: invalidTXsForUpgradeCC).
 */
export function markUpgradeConflicts(outcomes: readonly Outcome[]): void {
  const lastUpgrade = new Map<string, Outcome>();
  for (const outcome of outcomes) {
    if (outcome.upgrades === undefined) continue;
    const former = lastUpgrade.get(outcome.upgrades);
    if (former) conflict(former, 'chaincode was upgraded by latter tx');
    lastUpgrade.set(outcome.upgrades, outcome);
  }
  for (const outcome of outcomes) {
    if (outcome.code === txCode.VALID && lastUpgrade.has(outcome.chaincode ?? '')) {
      conflict(outcome, 'chaincode was upgraded in the same block');
    }
  }
}

function conflict(outcome: Outcome, reason: string): void {
  outcome.code = txCode.CHAINCODE_VERSION_CONFLICT;
  outcome.reason = reason;
}
