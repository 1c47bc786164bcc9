import { LauncherError } from '../errors.js';
import type { Identity, SignedData } from '../msp/types.js';
import { common, decode } from '../protos/index.js';
import type { Policy } from './types.js';

const { Rule } = common.ImplicitMetaPolicy;

/** A policy over the policies of one name in the groups below (common/policies/implicitmeta.go). */
export class ImplicitMetaPolicy implements Policy {
  readonly #subPolicies: readonly (Policy | undefined)[];
  readonly #subPolicyName: string;
  readonly #threshold: number;

  /**
   * @param bytes marshalled ImplicitMetaPolicy
   * @param subPolicies gives the policies of that name, undefined for a group that has none (it is never satisfied)
   */
  constructor(bytes: Uint8Array, subPolicies: (name: string) => readonly (Policy | undefined)[]) {
    const definition = decode(common.ImplicitMetaPolicy, bytes, 'ImplicitMetaPolicy');
    this.#subPolicyName = definition.getSubPolicy();
    this.#subPolicies = subPolicies(this.#subPolicyName);
    this.#threshold = thresholdOf(definition.getRule(), this.#subPolicies.length);
  }

  async evaluateSignedData(signatures: readonly SignedData[]): Promise<void> {
    let satisfied = 0;
    for (const policy of this.#subPolicies) {
      if (satisfied >= this.#threshold) return;
      if (await isSatisfied(policy, signatures)) satisfied++;
    }
    this.#decide(satisfied);
  }

  evaluateIdentities(identities: readonly Identity[]): void {
    let satisfied = 0;
    for (const policy of this.#subPolicies) {
      try {
        if (!policy) continue;
        policy.evaluateIdentities(identities);
        satisfied++;
      } catch {
        // A sub-policy that is not satisfied is not an error: it is counted.
      }
    }
    this.#decide(satisfied);
  }

  #decide(satisfied: number): void {
    if (satisfied >= this.#threshold) return;
    throw new LauncherError(
      `implicit policy evaluation failed - ${satisfied} sub-policies were satisfied, but this policy requires ${this.#threshold} of the '${this.#subPolicyName}' sub-policies to be satisfied`,
    );
  }
}

async function isSatisfied(policy: Policy | undefined, signatures: readonly SignedData[]): Promise<boolean> {
  if (!policy) return false;
  try {
    await policy.evaluateSignedData(signatures);
    return true;
  } catch {
    return false;
  }
}

/** Where there is nothing below, everything is satisfied. */
function thresholdOf(rule: number, count: number): number {
  if (count === 0) return 0;
  switch (rule) {
    case Rule.ANY:
      return 1;
    case Rule.ALL:
      return count;
    case Rule.MAJORITY:
      return Math.floor(count / 2) + 1;
    default:
      throw new LauncherError(`unknown implicit meta policy rule ${rule}`);
  }
}
