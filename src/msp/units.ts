import type { X509Certificate } from 'node:crypto';
import { LauncherError } from '../errors.js';
import { organizationalUnits } from './certificates.js';
import type { MspSettings, OuIdentifier } from './settings.js';

/**
 * Throws unless the identity's organisational units are those that the MSP asks for
 * (msp/mspimplvalidate.go: validateIdentityOUsV1, V11, V142).
 * @param chain the identity's certificate, its issuer, …, the root
 */
export function validateUnits(settings: MspSettings, chain: readonly X509Certificate[]): void {
  const [certificate, issuer] = chain;
  if (!certificate || !issuer) throw new LauncherError('the certification chain is too short');
  const units = organizationalUnits(certificate);
  if (settings.nodeOus) validateNodeUnits(settings, units, issuer);
  else validateListedUnits(settings, units, issuer);
}

function validateListedUnits(settings: MspSettings, units: readonly string[], issuer: X509Certificate): void {
  const { ouIdentifiers, mspId } = settings;
  if (ouIdentifiers.length === 0) return;
  if (ouIdentifiers.some((listed) => units.includes(listed.unit) && certifies(listed, issuer))) return;
  if (units.length === 0) {
    throw new LauncherError('the identity certificate does not contain an Organizational Unit (OU)');
  }
  throw new LauncherError(
    `none of the identity's organizational units [${units.join(' ')}] are in MSP ${mspId}`,
  );
}

/** With NodeOUs an identity has exactly one of the roles. */
function validateNodeUnits(settings: MspSettings, units: readonly string[], issuer: X509Certificate): void {
  const roles = [...(settings.nodeOus?.values() ?? [])];
  let found = 0;
  for (const unit of units) {
    const role = roles.find((candidate) => candidate.unit === unit);
    if (!role) continue;
    if (!certifies(role, issuer)) {
      throw new LauncherError(
        `certifiersIdentifier does not match: [${units.join(' ')}], MSP: [${settings.mspId}]`,
      );
    }
    found++;
  }
  if (found === 1) return;
  const kinds =
    settings.version === 'v1.4.3' ? 'a client, a peer, an orderer or an admin' : 'a client or a peer';
  throw new LauncherError(
    `the identity must be ${kinds} identity to be valid, not a combination of them. OUs: [${units.join(' ')}], MSP: [${settings.mspId}]`,
  );
}

function certifies(identifier: OuIdentifier, issuer: X509Certificate): boolean {
  return !identifier.certifier || identifier.certifier.raw.equals(issuer.raw);
}
