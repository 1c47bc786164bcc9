import { LauncherError } from '../errors.js';
import type { Identity, IdentityDeserializer, SignedData } from '../msp/types.js';
import { common } from '../protos/index.js';
import { holds, verifiedIdentities } from './evaluate.js';
import type { Policy } from './types.js';

const { Rule } = common.ImplicitMetaPolicy;

/** ANY, ALL or MAJORITY of the policies of one name in the groups below (common/policies/implicitmeta.go). */
export class ImplicitMetaPolicy implements Policy {
  readonly #subPolicies: readonly Policy[];
  readonly #threshold: number;
  readonly #name: string;
  readonly #deserializer: IdentityDeserializer;

  /** @param subPolicies one for each group below; a group without the policy counts as one that always refuses */
  constructor(
    meta: common.ImplicitMetaPolicy,
    subPolicies: readonly (Policy | undefined)[],
    deserializer: IdentityDeserializer,
  ) {
    this.#name = meta.getSubPolicy();
    this.#subPolicies = subPolicies.map((policy) => policy ?? refuseAll);
    this.#threshold = thresholdOf(meta.getRule(), subPolicies.length);
    this.#deserializer = deserializer;
  }

  async evaluateSignedData(signatures: readonly SignedData[]): Promise<void> {
    this.evaluateIdentities(await verifiedIdentities(signatures, this.#deserializer));
  }

  evaluateIdentities(identities: readonly Identity[]): void {
    const satisfied = this.#subPolicies.filter((policy) =>
      holds(() => policy.evaluateIdentities(identities)),
    ).length;
    if (satisfied < this.#threshold) {
      throw new LauncherError(
        `implicit policy evaluation failed - ${satisfied} sub-policies were satisfied, but this policy requires ${this.#threshold} of the '${this.#name}' sub-policies to be satisfied`,
      );
    }
  }
}

function thresholdOf(rule: number, count: number): number {
  switch (rule) {
    case Rule.ANY:
      return count === 0 ? 0 : 1;
    case Rule.ALL:
      return count;
    case Rule.MAJORITY:
      return count === 0 ? 0 : Math.floor(count / 2) + 1;
    default:
      throw new LauncherError(`unknown implicit meta policy rule ${rule}`);
  }
}

/** Stands for a policy that does not exist or cannot be read: nobody satisfies it. */
export const refuseAll: Policy = {
  evaluateSignedData: () => Promise.reject(new LauncherError('No such policy')),
  evaluateIdentities: () => {
    throw new LauncherError('No such policy');
  },
};
