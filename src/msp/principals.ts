import type { X509Certificate } from 'node:crypto';
import { LauncherError } from '../errors.js';
import { decode, msp } from '../protos/index.js';
import type { NodeRole } from './settings.js';
import type { Identity } from './types.js';

/** What the rules of a principal ask of the MSP. */
export interface Membership {
  readonly mspId: string;
  readonly nodeOusEnabled: boolean;
  isAdminCertificate(certificate: X509Certificate): boolean;
  hasRole(certificate: X509Certificate, role: NodeRole): boolean;
  hasUnit(certificate: X509Certificate, unit: string): boolean;
}

const { Classification } = msp.MSPPrincipal;
const { MSPRoleType } = msp.MSPRole;

/** Throws unless the identity matches the principal (msp/mspimpl.go: satisfiesPrincipal). */
export function satisfiesPrincipal(
  membership: Membership,
  identity: Identity,
  principal: msp.MSPPrincipal,
): void {
  switch (principal.getPrincipalClassification()) {
    case Classification.ROLE:
      return satisfiesRole(
        membership,
        identity,
        decode(msp.MSPRole, principal.getPrincipal_asU8(), 'MSPRole'),
      );
    case Classification.IDENTITY:
      return satisfiesIdentity(identity, principal.getPrincipal_asU8());
    case Classification.ORGANIZATION_UNIT:
      return satisfiesUnit(membership, identity, principal.getPrincipal_asU8());
    case Classification.COMBINED:
      return satisfiesAll(membership, identity, principal.getPrincipal_asU8());
    default:
      throw new LauncherError(`invalid principal type ${principal.getPrincipalClassification()}`);
  }
}

function satisfiesRole(membership: Membership, identity: Identity, role: msp.MSPRole): void {
  requireMsp(membership, role.getMspIdentifier());
  switch (role.getRole()) {
    case MSPRoleType.MEMBER:
      return identity.validate();
    case MSPRoleType.ADMIN:
      return satisfiesAdmin(membership, identity);
    case MSPRoleType.CLIENT:
      return satisfiesNodeRole(membership, identity, 'CLIENT');
    case MSPRoleType.PEER:
      return satisfiesNodeRole(membership, identity, 'PEER');
    case MSPRoleType.ORDERER:
      return satisfiesNodeRole(membership, identity, 'ORDERER');
    default:
      throw new LauncherError(`invalid MSP role type ${role.getRole()}`);
  }
}

function satisfiesAdmin(membership: Membership, identity: Identity): void {
  if (membership.isAdminCertificate(identity.certificate)) return;
  if (!membership.nodeOusEnabled) throw new LauncherError('This identity is not an admin');
  try {
    requireNodeRole(membership, identity, 'ADMIN');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LauncherError(`The identity is not an admin under this MSP [${membership.mspId}]: ${reason}`, {
      cause: error,
    });
  }
}

function satisfiesNodeRole(membership: Membership, identity: Identity, role: NodeRole): void {
  try {
    requireNodeRole(membership, identity, role);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LauncherError(
      `The identity is not a [${role}] under this MSP [${membership.mspId}]: ${reason}`,
      {
        cause: error,
      },
    );
  }
}

function requireNodeRole(membership: Membership, identity: Identity, role: NodeRole): void {
  if (!membership.nodeOusEnabled)
    throw new LauncherError('NodeOUs not activated. Cannot tell apart identities.');
  identity.validate();
  if (!membership.hasRole(identity.certificate, role)) {
    throw new LauncherError(`The identity does not contain OU [${role}], MSP: [${membership.mspId}]`);
  }
}

function satisfiesIdentity(identity: Identity, serialized: Uint8Array): void {
  if (Buffer.compare(identity.serialized, serialized) !== 0)
    throw new LauncherError('The identities do not match');
}

function satisfiesUnit(membership: Membership, identity: Identity, principal: Uint8Array): void {
  const unit = decode(msp.OrganizationUnit, principal, 'OrganizationUnit');
  requireMsp(membership, unit.getMspIdentifier());
  identity.validate();
  if (!membership.hasUnit(identity.certificate, unit.getOrganizationalUnitIdentifier())) {
    throw new LauncherError('The identities do not match');
  }
}

function satisfiesAll(membership: Membership, identity: Identity, principal: Uint8Array): void {
  const principals = decode(msp.CombinedPrincipal, principal, 'CombinedPrincipal').getPrincipalsList();
  if (principals.length === 0) throw new LauncherError('No principals in CombinedPrincipal');
  for (const one of principals) satisfiesPrincipal(membership, identity, one);
}

function requireMsp(membership: Membership, wanted: string): void {
  if (wanted !== membership.mspId) {
    throw new LauncherError(
      `the identity is a member of a different MSP (expected ${wanted}, got ${membership.mspId})`,
    );
  }
}
