import type { common, msp } from '../protos/index.js';
import { nOutOf, policyEnvelope, rolePrincipal, signedBy, type RoleName } from './build.js';
import { PolicySyntaxError, tokenize, type Token } from './tokens.js';

const principalPattern = /^([A-Za-z0-9.-]+)[.](admin|member|client|peer|orderer)$/;
const deepestNesting = 100;

type Gate = 'and' | 'or' | 'outof';

const gates: ReadonlyMap<string, Gate> = new Map([
  ...spellings('And', 'and'),
  ...spellings('Or', 'or'),
  ...spellings('OutOf', 'outof'),
]);

function spellings(name: string, gate: Gate): [string, Gate][] {
  return [name, name.toLowerCase(), name.toUpperCase()].map((spelling) => [spelling, gate]);
}

/**
 * Reads a policy such as `OR('A.member', AND('B.peer', 'C.admin'))`: gates And, Or, OutOf (also in lower and upper
 * case) over principals `'‹MSPID›.‹role›'`. Every principal written is one entry of `identities`, repeated or not
 * (common/cauthdsl/policyparser.go; texts of contract §13).
 */
export function policyFromString(policy: string): common.SignaturePolicyEnvelope {
  const parser = new PolicyParser(policy);
  const rule = parser.parse();
  return policyEnvelope(rule, parser.principals);
}

class PolicyParser {
  readonly principals: msp.MSPPrincipal[] = [];
  readonly #policy: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(policy: string) {
    this.#policy = policy;
    this.#tokens = tokenize(policy);
  }

  parse(): common.SignaturePolicy {
    if (this.#tokens.length === 0) throw new PolicySyntaxError('Unexpected end of expression');
    const first = this.#take();
    const gate = first.kind === 'word' ? gates.get(first.value) : undefined;
    // Fabric takes a lone word for an unknown variable and a lone text for no policy.
    if (!gate) throw first.kind === 'word' ? this.#unknownWord(first.value) : this.#invalid();
    const rule = this.#gate(gate, 1);
    if (this.#next < this.#tokens.length) throw this.#invalid();
    return rule;
  }

  /** The rest of a gate after its name. */
  #gate(gate: Gate, depth: number): common.SignaturePolicy {
    if (depth > deepestNesting || this.#take().kind !== '(') throw this.#invalid();
    const wanted = gate === 'outof' ? this.#threshold() : undefined;
    const rules = this.#arguments(depth, wanted !== undefined);
    if (rules.length === 0) {
      throw new PolicySyntaxError('Expected at least two arguments to NOutOf. Given 1');
    }
    const n = wanted ?? (gate === 'and' ? rules.length : 1);
    // One more than there are rules is a rule that nobody can satisfy; Fabric allows it.
    if (n < 0 || n > rules.length + 1) {
      throw new PolicySyntaxError(`Invalid t-out-of-n predicate, t ${n}, n ${rules.length}`);
    }
    return nOutOf(n, rules);
  }

  /** The number in front; the language has no integers, so fractions are cut. */
  #threshold(): number {
    const token = this.#peek();
    if (token?.kind === ')')
      throw new PolicySyntaxError('Expected at least two arguments to NOutOf. Given 0');
    this.#next++;
    if (token?.kind === 'number' || (token?.kind === 'text' && /^-?\d+$/.test(token.value))) {
      return Math.trunc(Number(token.value));
    }
    if (token?.kind === 'word' || token?.kind === 'text') throw unrecognized(token.value);
    throw this.#invalid();
  }

  #arguments(depth: number, afterThreshold: boolean): common.SignaturePolicy[] {
    const rules: common.SignaturePolicy[] = [];
    for (let first = !afterThreshold; ; first = false) {
      if (this.#peek()?.kind === ')' && (first || rules.length > 0 || afterThreshold)) {
        this.#next++;
        return rules;
      }
      if (!first && this.#take().kind !== ',') throw this.#invalid();
      rules.push(this.#rule(depth));
    }
  }

  #rule(depth: number): common.SignaturePolicy {
    const token = this.#take();
    switch (token.kind) {
      case 'text':
        return this.#principal(token.value);
      case 'word': {
        const gate = gates.get(token.value);
        if (!gate) throw this.#unknownWord(token.value);
        return this.#gate(gate, depth + 1);
      }
      case 'number':
        throw new PolicySyntaxError('Unexpected type float64');
      default:
        throw this.#invalid();
    }
  }

  #principal(text: string): common.SignaturePolicy {
    const match = principalPattern.exec(text);
    if (!match?.[1] || !match[2]) throw unrecognized(text);
    this.principals.push(rolePrincipal(match[1], match[2] as RoleName));
    return signedBy(this.principals.length - 1);
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #take(): Token {
    const token = this.#tokens[this.#next++];
    if (!token) throw this.#invalid();
    return token;
  }

  /** A call names a function, a word alone is only a token. */
  #unknownWord(word: string): PolicySyntaxError {
    return this.#peek()?.kind === '('
      ? new PolicySyntaxError(`Undefined function ${word}`)
      : unrecognized(word);
  }

  #invalid(): PolicySyntaxError {
    return new PolicySyntaxError(`invalid policy string '${this.#policy}'`);
  }
}

function unrecognized(token: string): PolicySyntaxError {
  return new PolicySyntaxError(`unrecognized token '${token}' in policy string`);
}
