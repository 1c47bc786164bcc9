import { LauncherError } from '../errors.js';

/** A policy string could not be understood; the text is the one that Fabric's tools print. */
export class PolicySyntaxError extends LauncherError {
  override readonly name = 'PolicySyntaxError';
}

/** A word, number, quoted text or mark of a policy string. */
export interface Token {
  readonly kind: 'word' | 'number' | 'text' | '(' | ')' | ',';
  readonly value: string;
}

const patterns: readonly (readonly [Token['kind'], RegExp])[] = [
  ['text', /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y],
  ['number', /-?\d+(?:\.\d+)?(?![\w.])/y],
  ['word', /[A-Za-z_][\w.-]*/y],
  ['(', /\(/y],
  [')', /\)/y],
  [',', /,/y],
];
const blank = /\s*/y;

/** Splits a policy string; throws `invalid policy string '‹p›'` on anything else. */
export function tokenize(policy: string): Token[] {
  const tokens: Token[] = [];
  let position = skipBlank(policy, 0);
  while (position < policy.length) {
    const token = tokenAt(policy, position);
    if (!token) throw new PolicySyntaxError(`invalid policy string '${policy}'`);
    tokens.push(token.token);
    position = skipBlank(policy, token.end);
  }
  return tokens;
}

function skipBlank(policy: string, position: number): number {
  blank.lastIndex = position;
  blank.exec(policy);
  return blank.lastIndex;
}

function tokenAt(policy: string, position: number): { token: Token; end: number } | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position;
    const match = pattern.exec(policy);
    if (!match) continue;
    const value = kind === 'text' ? (match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1') : match[0];
    return { token: { kind, value }, end: pattern.lastIndex };
  }
  return undefined;
}
