import { common, decode, msp } from '../protos/index.js';
import { roleName } from './build.js';

/** The policy as the policy language writes it; what the language cannot say is written as `‹kind›(‹hex›)`. */
export function policyToString(policy: common.SignaturePolicyEnvelope): string {
  const names = policy.getIdentitiesList().map(principalText);
  return ruleText(policy.getRule(), names);
}

function ruleText(rule: common.SignaturePolicy | undefined, names: readonly string[]): string {
  if (!rule) return 'nil';
  const gate = rule.getNOutOf();
  if (!gate) return names[rule.getSignedBy()] ?? `identity(${rule.getSignedBy()})`;
  const rules = gate.getRulesList().map((one) => ruleText(one, names));
  if (rules.length > 0 && gate.getN() === 1) return `OR(${rules.join(', ')})`;
  if (rules.length > 0 && gate.getN() === rules.length) return `AND(${rules.join(', ')})`;
  return `OutOf(${[gate.getN(), ...rules].join(', ')})`;
}

function principalText(principal: msp.MSPPrincipal): string {
  const { Classification } = msp.MSPPrincipal;
  const kind = principal.getPrincipalClassification();
  if (kind === Classification.ROLE) {
    const role = decode(msp.MSPRole, principal.getPrincipal_asU8(), 'MSPRole');
    const name = roleName(role.getRole());
    if (name) return `'${role.getMspIdentifier()}.${name}'`;
  }
  const kindName = Object.entries(Classification).find(([, value]) => value === kind)?.[0] ?? String(kind);
  return `${kindName}(${Buffer.from(principal.getPrincipal_asU8()).toString('hex')})`;
}
