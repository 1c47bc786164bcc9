import type { X509Certificate } from 'node:crypto';
import { LauncherError } from '../errors.js';
import { organizationalUnits, parsePem, sanitizedDigest } from './certificates.js';
import { verifyLowS } from './lowS.js';
import { satisfiesPrincipal } from './principals.js';
import { parseSerializedIdentity } from './serializedIdentity.js';
import { settingsFromMspConfig, type MspSettings, type NodeRole, type OuIdentifier } from './settings.js';
import type { Identity } from './types.js';
import type { msp } from '../protos/index.js';

/**
 * One membership service provider: the rules by which certificates are members of an organisation
 * (Fabric: msp/mspimpl.go at version 1.4.3). The end of a certificate's validity is not its concern: see Identity.expiresAt.
 */
export class Msp {
  readonly mspId: string;
  readonly #settings: MspSettings;

  constructor(settings: MspSettings) {
    this.mspId = settings.mspId;
    this.#settings = settings;
  }

  /** @param mspConfig marshalled MSPConfig as it stands in a channel's configuration */
  static fromConfig(mspConfig: Uint8Array): Msp {
    return new Msp(settingsFromMspConfig(mspConfig));
  }

  get nodeOusEnabled(): boolean {
    return this.#settings.nodeOus !== undefined;
  }

  /** Throws `expected MSP ID ‹a›, received ‹b›` or `could not decode the PEM structure`. */
  deserializeIdentity(serialized: Uint8Array): Identity {
    const { mspId, certificatePem } = parseSerializedIdentity(serialized);
    if (mspId !== this.mspId) throw new LauncherError(`expected MSP ID ${this.mspId}, received ${mspId}`);
    return new MspIdentity(this, serialized, parsePem(certificatePem));
  }

  isAdminCertificate(certificate: X509Certificate): boolean {
    return this.#settings.admins.some((admin) => admin.raw.equals(certificate.raw));
  }

  /** Throws unless the certificate chains to a root of this MSP, is not revoked and carries the units it must. */
  validateCertificate(certificate: X509Certificate): void {
    if (certificate.ca) {
      throw new LauncherError(
        'An X509 certificate with Basic Constraint: Certificate Authority equals true cannot be used as an identity',
      );
    }
    const issuer = this.#issuerOf(certificate);
    if (this.#settings.revocationLists.some((list) => list.revokes(certificate, issuer))) {
      throw new LauncherError('The certificate has been revoked');
    }
    this.#validateUnits(certificate, issuer);
  }

  /** True when the certificate carries the unit of this role; call it for valid certificates only. */
  hasRole(certificate: X509Certificate, role: NodeRole): boolean {
    const identifier = this.#settings.nodeOus?.get(role);
    return identifier !== undefined && carries(certificate, this.#issuerOf(certificate), identifier);
  }

  hasUnit(certificate: X509Certificate, unit: string): boolean {
    return organizationalUnits(certificate).includes(unit);
  }

  /** The CA that signed the certificate; its own chain must end at a root. */
  #issuerOf(certificate: X509Certificate): X509Certificate {
    const { rootCas, intermediateCas } = this.#settings;
    const root = rootCas.find((ca) => isSignedBy(certificate, ca));
    if (root) return root;
    const intermediate = intermediateCas.find((ca) => isSignedBy(certificate, ca));
    if (!intermediate) throw new LauncherError('x509: certificate signed by unknown authority');
    if (!intermediate.raw.equals(certificate.raw)) this.#issuerOf(intermediate);
    return intermediate;
  }

  #validateUnits(certificate: X509Certificate, issuer: X509Certificate): void {
    const { ouIdentifiers, nodeOus } = this.#settings;
    const units = organizationalUnits(certificate);
    if (
      ouIdentifiers.length > 0 &&
      !ouIdentifiers.some((identifier) => carries(certificate, issuer, identifier))
    ) {
      throw new LauncherError(
        `none of the identity's organizational units [${units.join(' ')}] are in MSP ${this.mspId}`,
      );
    }
    if (!nodeOus) return;
    const roles = [...nodeOus.values()].filter((identifier) => carries(certificate, issuer, identifier));
    if (roles.length === 0) {
      throw new LauncherError(
        `the identity does not have an OU that resolves to client, peer, orderer, or admin role. OUs: [${units.join(' ')}], MSP: [${this.mspId}]`,
      );
    }
    if (roles.length > 1) {
      throw new LauncherError(
        `the identity must be a client, a peer, an orderer or an admin identity to be valid, not a combination of them. OUs: [${units.join(' ')}], MSP: [${this.mspId}]`,
      );
    }
  }
}

function isSignedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  return ca.ca && certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}

function carries(certificate: X509Certificate, issuer: X509Certificate, identifier: OuIdentifier): boolean {
  if (identifier.certifier && !identifier.certifier.raw.equals(issuer.raw)) return false;
  return organizationalUnits(certificate).includes(identifier.unit);
}

/** An identity whose checks are made at most once: certificates and MSPs do not change. */
class MspIdentity implements Identity {
  readonly mspId: string;
  readonly serialized: Uint8Array;
  readonly id: string;
  readonly certificate: X509Certificate;
  readonly expiresAt: Date;
  readonly #msp: Msp;
  readonly #principals = new Map<string, Error | undefined>();
  #validation: { error?: unknown } | undefined;

  constructor(owner: Msp, serialized: Uint8Array, certificate: X509Certificate) {
    this.#msp = owner;
    this.mspId = owner.mspId;
    this.serialized = serialized;
    this.certificate = certificate;
    this.id = sanitizedDigest(certificate);
    this.expiresAt = new Date(certificate.validTo);
  }

  validate(): void {
    if (!this.#validation) {
      this.#validation = {};
      try {
        this.#msp.validateCertificate(this.certificate);
      } catch (error) {
        this.#validation = { error };
      }
    }
    if (this.#validation.error !== undefined) throw this.#validation.error as Error;
  }

  verify(message: Uint8Array, signature: Uint8Array): Promise<void> {
    return verifyLowS(this.certificate.publicKey, message, signature);
  }

  satisfiesPrincipal(principal: msp.MSPPrincipal): void {
    const key = `${principal.getPrincipalClassification()}:${Buffer.from(principal.getPrincipal_asU8()).toString('latin1')}`;
    if (!this.#principals.has(key)) {
      try {
        satisfiesPrincipal(this.#msp, this, principal);
        this.#principals.set(key, undefined);
      } catch (error) {
        this.#principals.set(key, error as Error);
      }
    }
    const failure = this.#principals.get(key);
    if (failure) throw failure;
  }
}
