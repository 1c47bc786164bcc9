import { LauncherError } from '../errors.js';
import type { Identity, IdentityDeserializer, SignedData } from '../msp/types.js';
import { common, decode, msp } from '../protos/index.js';
import { holds, verifiedIdentities } from './evaluate.js';
import type { Policy } from './types.js';

/** Nested deeper than this is refused: nobody writes it and it would exhaust the stack. */
const maxDepth = 64;

type Matcher = (identities: readonly Identity[], used: boolean[]) => boolean;

/** A SignaturePolicyEnvelope, compiled once (common/cauthdsl). */
export class SignaturePolicy implements Policy {
  readonly #matches: Matcher;
  readonly #deserializer: IdentityDeserializer;

  /** @throws when the envelope's version is not 0 or a rule names an identity that is not there */
  constructor(envelope: common.SignaturePolicyEnvelope, deserializer: IdentityDeserializer) {
    if (envelope.getVersion() !== 0) {
      throw new LauncherError(
        `This evaluator only understands messages of version 0, but version was ${envelope.getVersion()}`,
      );
    }
    const rule = envelope.getRule();
    if (!rule) throw new LauncherError('Empty policy element');
    this.#matches = compile(rule, envelope.getIdentitiesList(), 0);
    this.#deserializer = deserializer;
  }

  /** @param bytes marshalled SignaturePolicyEnvelope */
  static fromBytes(bytes: Uint8Array, deserializer: IdentityDeserializer): SignaturePolicy {
    const envelope = decode(common.SignaturePolicyEnvelope, bytes, 'SignaturePolicyEnvelope');
    return new SignaturePolicy(envelope, deserializer);
  }

  async evaluateSignedData(signatures: readonly SignedData[]): Promise<void> {
    this.evaluateIdentities(await verifiedIdentities(signatures, this.#deserializer));
  }

  evaluateIdentities(identities: readonly Identity[]): void {
    const used = identities.map(() => false);
    if (!this.#matches(identities, used)) throw new LauncherError('signature set did not satisfy policy');
  }
}

/** Greedy, as in Fabric: a leaf takes the first unused identity that fits, and a failed gate gives back what it took. */
function compile(
  rule: common.SignaturePolicy,
  principals: readonly msp.MSPPrincipal[],
  depth: number,
): Matcher {
  if (depth > maxDepth) throw new LauncherError(`policy is nested deeper than ${maxDepth}`);
  if (rule.hasNOutOf()) {
    const gate = rule.getNOutOf();
    const matchers = (gate?.getRulesList() ?? []).map((one) => compile(one, principals, depth + 1));
    return thresholdMatcher(gate?.getN() ?? 0, matchers);
  }
  if (!rule.hasSignedBy()) throw new LauncherError('Unknown type: <nil>:<nil>');
  const index = rule.getSignedBy();
  const principal = principals[index];
  if (!principal) {
    throw new LauncherError(
      `identity index out of range, requested ${index}, but identities length is ${principals.length}`,
    );
  }
  return (identities, used) => {
    const at = identities.findIndex(
      (identity, position) => !used[position] && holds(() => identity.satisfiesPrincipal(principal)),
    );
    if (at < 0) return false;
    used[at] = true;
    return true;
  };
}

function thresholdMatcher(n: number, matchers: readonly Matcher[]): Matcher {
  return (identities, used) => {
    let satisfied = 0;
    for (const matches of matchers) {
      const attempt = [...used];
      if (matches(identities, attempt)) {
        satisfied++;
        attempt.forEach((value, index) => (used[index] = value));
      }
    }
    return satisfied >= n;
  };
}
