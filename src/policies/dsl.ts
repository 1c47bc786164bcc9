import { LauncherError } from '../errors.js';
import { common, msp } from '../protos/index.js';

/** A policy string could not be understood; the text is the one that `peer chaincode` prints. */
export class PolicySyntaxError extends LauncherError {
  override readonly name = 'PolicySyntaxError';
}

type Rule = { readonly threshold: number; readonly rules: readonly Rule[] } | { readonly principal: string };

const roles: Readonly<Record<string, number>> = {
  member: msp.MSPRole.MSPRoleType.MEMBER,
  admin: msp.MSPRole.MSPRoleType.ADMIN,
  client: msp.MSPRole.MSPRoleType.CLIENT,
  peer: msp.MSPRole.MSPRoleType.PEER,
  orderer: msp.MSPRole.MSPRoleType.ORDERER,
};
const gates: Readonly<Record<string, 'and' | 'or' | 'outof'>> = {
  AND: 'and',
  And: 'and',
  and: 'and',
  OR: 'or',
  Or: 'or',
  or: 'or',
  OUTOF: 'outof',
  OutOf: 'outof',
  outof: 'outof',
};
const principalPattern = /^([A-Za-z0-9.-]+)\.(admin|member|client|peer|orderer)$/;

/**
 * Compiles `OR('Org1MSP.member', AND('A.peer', 'B.peer'))` (common/cauthdsl: FromString). Identities are not
 * deduplicated, as in Fabric, so that the bytes are the same.
 * @throws PolicySyntaxError
 */
export function policyFromString(text: string): common.SignaturePolicyEnvelope {
  const rule = new Parser(text).parse();
  const identities: msp.MSPPrincipal[] = [];
  const compile = (one: Rule): common.SignaturePolicy => {
    if ('principal' in one) {
      identities.push(principalOf(one.principal));
      return signedBy(identities.length - 1);
    }
    return nOutOf(one.threshold, one.rules.map(compile));
  };
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setVersion(0);
  envelope.setRule('principal' in rule ? nOutOf(1, [compile(rule)]) : compile(rule));
  envelope.setIdentitiesList(identities);
  return envelope;
}

/** A leaf that asks for the signature of identity number `index`; 0 is encoded too, it is a member of a oneof. */
export function signedBy(index: number): common.SignaturePolicy {
  const policy = new common.SignaturePolicy();
  policy.setSignedBy(index);
  return policy;
}

export function nOutOf(n: number, rules: common.SignaturePolicy[]): common.SignaturePolicy {
  const gate = new common.SignaturePolicy.NOutOf();
  gate.setN(n);
  gate.setRulesList(rules);
  const policy = new common.SignaturePolicy();
  policy.setNOutOf(gate);
  return policy;
}

/** The principal of a role in an MSP. */
export function rolePrincipal(mspId: string, role: number): msp.MSPPrincipal {
  const mspRole = new msp.MSPRole();
  mspRole.setMspIdentifier(mspId);
  mspRole.setRole(role as msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap]);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(mspRole.serializeBinary());
  return principal;
}

function principalOf(text: string): msp.MSPPrincipal {
  const match = principalPattern.exec(text);
  const role = roles[match?.[2] ?? ''];
  if (!match?.[1] || role === undefined) throw new PolicySyntaxError(`Error parsing principal ${text}`);
  return rolePrincipal(match[1], role);
}

/** Recursive descent over the policy text. */
class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Rule {
    const rule = this.#rule();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#invalid();
    return rule;
  }

  #rule(): Rule {
    this.#skipSpace();
    const quote = this.#text[this.#at];
    if (quote === "'" || quote === '"') return this.#principal(quote);
    const word = this.#word();
    const gate = gates[word];
    if (!gate) throw word === '' ? this.#invalid() : this.#unrecognized(word);
    return this.#gate(gate);
  }

  #gate(gate: 'and' | 'or' | 'outof'): Rule {
    this.#expect('(');
    const threshold = gate === 'outof' ? this.#threshold() : undefined;
    const rules: Rule[] = [];
    while (this.#peek() !== ')') {
      if (rules.length > 0 || threshold !== undefined) this.#expect(',');
      rules.push(this.#rule());
    }
    this.#expect(')');
    if (threshold === undefined) {
      if (rules.length === 0) throw this.#invalid();
      return { threshold: gate === 'and' ? rules.length : 1, rules };
    }
    if (rules.length === 0) throw new PolicySyntaxError('Expected at least two arguments to NOutOf. Given 1');
    if (threshold < 0 || threshold > rules.length + 1) {
      throw new PolicySyntaxError(`Invalid t-out-of-n predicate, t ${threshold}, n ${rules.length}`);
    }
    return { threshold, rules };
  }

  #threshold(): number {
    this.#skipSpace();
    const quote = this.#text[this.#at];
    const quoted = quote === "'" || quote === '"';
    if (quoted) this.#at++;
    const word = this.#word();
    if (quoted) this.#at++;
    if (!/^-?[0-9]+$/.test(word)) {
      throw word === '' ? this.#invalid() : this.#unrecognized(word);
    }
    return Number(word);
  }

  #principal(quote: string): Rule {
    const end = this.#text.indexOf(quote, this.#at + 1);
    if (end < 0) throw this.#invalid();
    const principal = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    if (!principalPattern.test(principal)) throw this.#unrecognized(principal);
    return { principal };
  }

  /** Letters, digits and the signs that may stand in a bare word. */
  #word(): string {
    const match = /^[A-Za-z0-9_.-]+/.exec(this.#text.slice(this.#at));
    this.#at += match?.[0].length ?? 0;
    return match?.[0] ?? '';
  }

  #peek(): string | undefined {
    this.#skipSpace();
    return this.#text[this.#at];
  }

  #expect(sign: string): void {
    if (this.#peek() !== sign) {
      const word = this.#word();
      throw word === '' ? this.#invalid() : this.#unrecognized(word);
    }
    this.#at++;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #invalid(): PolicySyntaxError {
    return new PolicySyntaxError(`invalid policy string '${this.#text}'`);
  }

  #unrecognized(token: string): PolicySyntaxError {
    return new PolicySyntaxError(`unrecognized token '${token}' in policy string`);
  }
}
