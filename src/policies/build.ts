import { common, msp } from '../protos/index.js';

/** The roles of MSPRole by the names that the policy language uses. */
export type RoleName = 'member' | 'admin' | 'client' | 'peer' | 'orderer';

const roles = {
  member: msp.MSPRole.MSPRoleType.MEMBER,
  admin: msp.MSPRole.MSPRoleType.ADMIN,
  client: msp.MSPRole.MSPRoleType.CLIENT,
  peer: msp.MSPRole.MSPRoleType.PEER,
  orderer: msp.MSPRole.MSPRoleType.ORDERER,
} as const satisfies Record<RoleName, number>;

/** The name of a role, undefined for a number that is none. */
export function roleName(role: number): RoleName | undefined {
  return (Object.keys(roles) as RoleName[]).find((name) => roles[name] === role);
}

/** The principal "role of an MSP". */
export function rolePrincipal(mspId: string, role: RoleName): msp.MSPPrincipal {
  const mspRole = new msp.MSPRole();
  mspRole.setMspIdentifier(mspId);
  mspRole.setRole(roles[role]);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(mspRole.serializeBinary());
  return principal;
}

/** The rule "signed by the identity with this index"; 0 is encoded too, being a member of a oneof. */
export function signedBy(index: number): common.SignaturePolicy {
  const policy = new common.SignaturePolicy();
  policy.setSignedBy(index);
  return policy;
}

/** The rule "n of these rules hold". */
export function nOutOf(n: number, rules: readonly common.SignaturePolicy[]): common.SignaturePolicy {
  const gate = new common.SignaturePolicy.NOutOf();
  gate.setN(n);
  gate.setRulesList([...rules]);
  const policy = new common.SignaturePolicy();
  policy.setNOutOf(gate);
  return policy;
}

/** A rule with the principals that it points to; version 0, which is not encoded. */
export function policyEnvelope(
  rule: common.SignaturePolicy,
  identities: readonly msp.MSPPrincipal[],
): common.SignaturePolicyEnvelope {
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setRule(rule);
  envelope.setIdentitiesList([...identities]);
  return envelope;
}
