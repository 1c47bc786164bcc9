import type { Identity, IdentityDeserializer } from '../msp/types.js';
import { SignaturePolicy } from '../policies/signaturePolicy.js';
import type { Policy } from '../policies/types.js';

const maxPolicies = 1_000;

/** Compiled signature policies by their bytes, for one set of MSPs. */
export class PolicyCache {
  readonly #deserializer: IdentityDeserializer;
  readonly #policies = new Map<string, Policy>();

  constructor(deserializer: IdentityDeserializer) {
    this.#deserializer = deserializer;
  }

  /** True while this cache belongs to these MSPs. */
  belongsTo(deserializer: IdentityDeserializer): boolean {
    return this.#deserializer === deserializer;
  }

  /**
   * Throws unless these identities, whose signatures were verified, satisfy the policy.
   * @param policy marshalled SignaturePolicyEnvelope
   */
  evaluate(policy: Uint8Array, identities: readonly Identity[]): void {
    this.#compiled(policy).evaluateIdentities(identities);
  }

  #compiled(bytes: Uint8Array): Policy {
    const key = Buffer.from(bytes).toString('latin1');
    const known = this.#policies.get(key);
    if (known) return known;
    const policy = SignaturePolicy.fromBytes(bytes, this.#deserializer);
    if (this.#policies.size >= maxPolicies) this.#policies.clear();
    this.#policies.set(key, policy);
    return policy;
  }
}
