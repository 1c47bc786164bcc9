import type { X509Certificate } from 'node:crypto';
import { LauncherError, wrap } from '../errors.js';
import { decode, msp } from '../protos/index.js';
import { parsePem } from './certificates.js';
import { parseSerializedIdentity } from './serializedIdentity.js';
import type { MspVersion, NodeRole } from './settings.js';
import type { Identity } from './types.js';

/** What the rules of a principal ask of the MSP. */
export interface Membership {
  readonly mspId: string;
  readonly version: MspVersion;
  /** The roles that units tell apart; undefined when NodeOUs are off. */
  readonly nodeRoles: ReadonlySet<NodeRole> | undefined;
  isAdminCertificate(certificate: X509Certificate): boolean;
  hasRole(certificate: X509Certificate, role: NodeRole): boolean;
  hasUnit(certificate: X509Certificate, unit: string, certifiers: Uint8Array): boolean;
}

const { Classification } = msp.MSPPrincipal;
const { MSPRoleType } = msp.MSPRole;
const { MSPIdentityAnonymityType } = msp.MSPIdentityAnonymity;

/** Throws unless the identity matches the principal (msp/mspimpl.go: satisfiesPrincipalInternalPreV13, V13, V143). */
export function satisfiesPrincipal(
  membership: Membership,
  identity: Identity,
  principal: msp.MSPPrincipal,
): void {
  const classification = principal.getPrincipalClassification();
  const bytes = principal.getPrincipal_asU8();
  const newerThanV13 = membership.version === 'v1.3' || membership.version === 'v1.4.3';
  switch (classification) {
    case Classification.ROLE:
      return satisfiesRole(membership, identity, decode(msp.MSPRole, bytes, 'MSPRole'));
    case Classification.IDENTITY:
      return satisfiesIdentity(identity, bytes);
    case Classification.ORGANIZATION_UNIT:
      return satisfiesUnit(membership, identity, bytes);
    case Classification.COMBINED:
      if (newerThanV13) return satisfiesAll(membership, identity, bytes);
      break;
    case Classification.ANONYMITY:
      if (newerThanV13) return satisfiesAnonymity(bytes);
      break;
  }
  throw new LauncherError(`invalid principal type ${classification}`);
}

function satisfiesRole(membership: Membership, identity: Identity, role: msp.MSPRole): void {
  requireMsp(membership, identity, role.getMspIdentifier());
  switch (role.getRole()) {
    case MSPRoleType.MEMBER:
      return identity.validate();
    case MSPRoleType.ADMIN:
      return satisfiesAdmin(membership, identity);
    case MSPRoleType.CLIENT:
      return satisfiesNodeRole(membership, identity, 'CLIENT', 'a [CLIENT]');
    case MSPRoleType.PEER:
      return satisfiesNodeRole(membership, identity, 'PEER', 'a [PEER]');
    case MSPRoleType.ORDERER:
      return satisfiesNodeRole(membership, identity, 'ORDERER', 'a [ORDERER]');
    default:
      throw new LauncherError(`invalid MSP role type ${role.getRole()}`);
  }
}

function satisfiesAdmin(membership: Membership, identity: Identity): void {
  if (membership.isAdminCertificate(identity.certificate)) return;
  if (!membership.nodeRoles || membership.version !== 'v1.4.3') {
    throw new LauncherError('This identity is not an admin');
  }
  satisfiesNodeRole(membership, identity, 'ADMIN', 'an admin');
}

function satisfiesNodeRole(membership: Membership, identity: Identity, role: NodeRole, what: string): void {
  try {
    identity.validate();
  } catch (error) {
    throw wrap(`The identity is not valid under this MSP [${membership.mspId}]`, error);
  }
  try {
    requireNodeRole(membership, identity, role);
  } catch (error) {
    throw wrap(`The identity is not ${what} under this MSP [${membership.mspId}]`, error);
  }
}

function requireNodeRole(membership: Membership, identity: Identity, role: NodeRole): void {
  if (!membership.nodeRoles) {
    throw new LauncherError('NodeOUs not activated. Cannot tell apart identities.');
  }
  if (!membership.nodeRoles.has(role)) {
    throw new LauncherError(
      `cannot test for classification, node ou for type [${role}], not defined, msp: [${membership.mspId}]`,
    );
  }
  if (!membership.hasRole(identity.certificate, role)) {
    throw new LauncherError(`The identity does not contain OU [${role}], MSP: [${membership.mspId}]`);
  }
}

/** The principal is a SerializedIdentity; what is compared is the certificate, however it is written. */
function satisfiesIdentity(identity: Identity, serialized: Uint8Array): void {
  const { mspId, certificatePem } = parseSerializedIdentity(serialized);
  if (mspId !== identity.mspId || !parsePem(certificatePem).raw.equals(identity.certificate.raw)) {
    throw new LauncherError('The identities do not match');
  }
  identity.validate();
}

function satisfiesUnit(membership: Membership, identity: Identity, principal: Uint8Array): void {
  const unit = decode(msp.OrganizationUnit, principal, 'OrganizationUnit');
  requireMsp(membership, identity, unit.getMspIdentifier());
  identity.validate();
  const name = unit.getOrganizationalUnitIdentifier();
  if (!membership.hasUnit(identity.certificate, name, unit.getCertifiersIdentifier_asU8())) {
    throw new LauncherError('The identities do not match');
  }
}

function satisfiesAll(membership: Membership, identity: Identity, principal: Uint8Array): void {
  const principals = decode(msp.CombinedPrincipal, principal, 'CombinedPrincipal').getPrincipalsList();
  if (principals.length === 0) throw new LauncherError('No principals in CombinedPrincipal');
  for (const one of principals) satisfiesPrincipal(membership, identity, one);
}

function satisfiesAnonymity(principal: Uint8Array): void {
  const type = decode(msp.MSPIdentityAnonymity, principal, 'MSPIdentityAnonymity').getAnonymityType();
  if (type === MSPIdentityAnonymityType.NOMINAL) return;
  throw new LauncherError('Principal is anonymous, but X.509 MSP does not support anonymous identities');
}

function requireMsp(membership: Membership, identity: Identity, wanted: string): void {
  if (wanted !== membership.mspId || identity.mspId !== membership.mspId) {
    throw new LauncherError(
      `the identity is a member of a different MSP (expected ${wanted}, got ${identity.mspId})`,
    );
  }
}
