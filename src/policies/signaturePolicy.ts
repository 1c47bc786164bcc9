import { LauncherError } from '../errors.js';
import type { Identity, IdentityDeserializer, SignedData } from '../msp/types.js';
import { common, decode, type msp } from '../protos/index.js';
import type { Policy } from './types.js';

const deepestNesting = 250;

/** A signer, and whether its signature was found good. */
interface Signer {
  readonly identity: Identity;
  readonly verified: boolean;
}

/** Marks the signers it uses up; the signers' principals are asked through `satisfies`. */
type Rule = (signers: readonly Signer[], used: boolean[]) => boolean;

/**
 * A SignaturePolicyEnvelope, compiled (common/cauthdsl). Rules are met greedily in the order written and
 * each signature counts once; who signs twice counts once, with the first signature.
 */
export class SignaturePolicy implements Policy {
  readonly #rule: Rule;
  readonly #principals: readonly msp.MSPPrincipal[];
  readonly #deserializer: IdentityDeserializer;

  constructor(envelope: common.SignaturePolicyEnvelope, deserializer: IdentityDeserializer) {
    if (envelope.getVersion() !== 0) {
      throw new LauncherError(
        `This evaluator only understands messages of version 0, but version was ${envelope.getVersion()}`,
      );
    }
    const rule = envelope.getRule();
    if (!rule) throw new LauncherError('Empty policy element');
    this.#principals = envelope.getIdentitiesList();
    this.#rule = compile(rule, this.#principals, 0);
    this.#deserializer = deserializer;
  }

  /** @param bytes marshalled SignaturePolicyEnvelope */
  static fromBytes(bytes: Uint8Array, deserializer: IdentityDeserializer): SignaturePolicy {
    const envelope = decode(common.SignaturePolicyEnvelope, bytes, 'SignaturePolicyEnvelope');
    return new SignaturePolicy(envelope, deserializer);
  }

  /** Rejects with `signature set did not satisfy policy`; signers that cannot matter are not verified. */
  async evaluateSignedData(signatures: readonly SignedData[]): Promise<void> {
    const signers = await Promise.all(
      this.#distinctSigners(signatures).map(async ({ identity, signed }) => ({
        identity,
        verified: this.#matters(identity) && (await isVerified(identity, signed)),
      })),
    );
    this.#decide(signers);
  }

  evaluateIdentities(identities: readonly Identity[]): void {
    const distinct = new Map(identities.map((identity) => [keyOf(identity), identity]));
    this.#decide([...distinct.values()].map((identity) => ({ identity, verified: true })));
  }

  #decide(signers: readonly Signer[]): void {
    const used = signers.map(() => false);
    if (!this.#rule(signers, used)) throw new LauncherError('signature set did not satisfy policy');
  }

  /** Signers of unknown MSPs or with unreadable certificates are left out, not fatal. */
  #distinctSigners(signatures: readonly SignedData[]): { identity: Identity; signed: SignedData }[] {
    const signers = new Map<string, { identity: Identity; signed: SignedData }>();
    for (const signed of signatures) {
      const identity = this.#tryDeserialize(signed.identity);
      if (!identity) continue;
      const key = keyOf(identity);
      if (!signers.has(key)) signers.set(key, { identity, signed });
    }
    return [...signers.values()];
  }

  #tryDeserialize(serialized: Uint8Array): Identity | undefined {
    try {
      return this.#deserializer.deserializeIdentity(serialized);
    } catch {
      return undefined;
    }
  }

  #matters(identity: Identity): boolean {
    return this.#principals.some((principal) => satisfies(identity, principal));
  }
}

function keyOf(identity: Identity): string {
  return `${identity.mspId}\0${identity.id}`;
}

function satisfies(identity: Identity, principal: msp.MSPPrincipal): boolean {
  try {
    identity.satisfiesPrincipal(principal);
    return true;
  } catch {
    return false;
  }
}

async function isVerified(identity: Identity, signed: SignedData): Promise<boolean> {
  try {
    await identity.verify(signed.data, signed.signature);
    return true;
  } catch {
    return false;
  }
}

function compile(rule: common.SignaturePolicy, principals: readonly msp.MSPPrincipal[], depth: number): Rule {
  // The bound keeps a hostile policy from ending the process by stack overflow.
  if (depth > deepestNesting) throw new LauncherError('policy is nested too deeply');
  const gate = rule.getNOutOf();
  if (gate) {
    const rules = gate.getRulesList().map((one) => compile(one, principals, depth + 1));
    return gateRule(gate.getN(), rules);
  }
  if (!rule.hasSignedBy()) throw new LauncherError('Unknown type: <nil>:<nil>');
  const index = rule.getSignedBy();
  const principal = principals[index];
  if (!principal) {
    throw new LauncherError(
      `identity index out of range, requested ${index}, but identities length is ${principals.length}`,
    );
  }
  return signedByRule(principal);
}

function gateRule(n: number, rules: readonly Rule[]): Rule {
  return (signers, used) => {
    let met = 0;
    for (const rule of rules) {
      const attempt = [...used];
      if (!rule(signers, attempt)) continue;
      met++;
      attempt.forEach((value, index) => (used[index] = value));
    }
    return met >= n;
  };
}

function signedByRule(principal: msp.MSPPrincipal): Rule {
  return (signers, used) => {
    const index = signers.findIndex(
      ({ identity, verified }, at) => !used[at] && verified && satisfies(identity, principal),
    );
    if (index < 0) return false;
    used[index] = true;
    return true;
  };
}
