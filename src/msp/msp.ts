import type { KeyObject, X509Certificate } from 'node:crypto';
import { LauncherError, wrap } from '../errors.js';
import { certifiersIdentifier, organizationalUnits, parsePem, sanitizedDigest } from './certificates.js';
import { requireChainValidity, validationChain } from './chains.js';
import { verifyLowS } from './lowS.js';
import { LruCache } from './lruCache.js';
import { satisfiesPrincipal, type Membership } from './principals.js';
import { parseSerializedIdentity } from './serializedIdentity.js';
import { settingsFromMspConfig, type MspSettings, type MspVersion, type NodeRole } from './settings.js';
import type { Identity, IdentityDeserializer } from './types.js';
import { validateUnits } from './units.js';
import type { msp } from '../protos/index.js';

/** Key-level policies bring principals of any kind, so an identity remembers only so many answers. */
const rememberedPrincipals = 64;

/**
 * One membership service provider: the rules by which certificates are members of an organisation
 * (msp/mspimpl.go). The end of a certificate's validity is not its concern: see Identity.expiresAt.
 */
export class Msp implements IdentityDeserializer {
  readonly mspId: string;
  readonly #settings: MspSettings;
  readonly #membership: Membership;

  constructor(settings: MspSettings) {
    this.mspId = settings.mspId;
    this.#settings = settings;
    this.#membership = new SettingsMembership(settings);
  }

  /**
   * @param mspConfig marshalled MSPConfig as it stands in a channel's configuration
   * @param version what the channel's capabilities allow; the local MSP always has the newest
   */
  static fromConfig(mspConfig: Uint8Array, version: MspVersion = 'v1.4.3'): Msp {
    return new Msp(settingsFromMspConfig(mspConfig, version));
  }

  get nodeOusEnabled(): boolean {
    return this.#settings.nodeOus !== undefined;
  }

  /**
   * Throws `expected MSP ID ‹a›, received ‹b›`, `could not decode the PEM structure`, or
   * `the supplied identity is not valid: x509: …` for a certificate of a foreign CA. Revocation and roles are validate()'s.
   */
  deserializeIdentity(serialized: Uint8Array): Identity {
    const { mspId, certificatePem } = parseSerializedIdentity(serialized);
    if (mspId !== this.mspId) throw new LauncherError(`expected MSP ID ${this.mspId}, received ${mspId}`);
    const certificate = parsePem(certificatePem);
    const chain = validationChain(this.#settings, certificate);
    return new MspIdentity(serialized, chain, this.#settings, this.#membership);
  }

  /** Throws unless the identity matches the principal; for identities of any MSP. */
  satisfiesPrincipal(identity: Identity, principal: msp.MSPPrincipal): void {
    satisfiesPrincipal(this.#membership, identity, principal);
  }
}

/** What principals ask of an MSP. */
class SettingsMembership implements Membership {
  readonly mspId: string;
  readonly version: MspVersion;
  readonly nodeRoles: ReadonlySet<NodeRole> | undefined;
  readonly #settings: MspSettings;

  constructor(settings: MspSettings) {
    this.mspId = settings.mspId;
    this.version = settings.version;
    this.nodeRoles = settings.nodeOus && new Set(settings.nodeOus.keys());
    this.#settings = settings;
  }

  isAdminCertificate(certificate: X509Certificate): boolean {
    return this.#settings.admins.some((admin) => admin.raw.equals(certificate.raw));
  }

  hasRole(certificate: X509Certificate, role: NodeRole): boolean {
    const identifier = this.#settings.nodeOus?.get(role);
    return identifier !== undefined && organizationalUnits(certificate).includes(identifier.unit);
  }

  hasUnit(certificate: X509Certificate, unit: string, certifiers: Uint8Array): boolean {
    if (!organizationalUnits(certificate).includes(unit)) return false;
    const [, ...issuers] = validationChain(this.#settings, certificate);
    return certifiersIdentifier(issuers).equals(certifiers);
  }
}

/** An identity whose checks are made at most once: certificates and MSPs do not change. */
class MspIdentity implements Identity {
  readonly mspId: string;
  readonly serialized: Uint8Array;
  readonly id: string;
  readonly certificate: X509Certificate;
  readonly expiresAt: Date;
  readonly #settings: MspSettings;
  readonly #membership: Membership;
  readonly #chain: readonly X509Certificate[];
  /** X509Certificate.publicKey makes a new key at every call. */
  readonly #publicKey: KeyObject;
  readonly #principals = new LruCache<{ error?: unknown }>(rememberedPrincipals);
  #validation: { error?: unknown } | undefined;

  constructor(
    serialized: Uint8Array,
    chain: readonly X509Certificate[],
    settings: MspSettings,
    membership: Membership,
  ) {
    const [certificate, issuer = certificate] = chain;
    if (!certificate || !issuer) throw new LauncherError('an identity needs a certificate');
    this.mspId = settings.mspId;
    this.serialized = serialized;
    this.certificate = certificate;
    this.id = sanitizedDigest(certificate, issuer.publicKey);
    this.expiresAt = new Date(certificate.validTo);
    this.#settings = settings;
    this.#membership = membership;
    this.#chain = chain;
    this.#publicKey = certificate.publicKey;
  }

  validate(): void {
    this.#validation ??= outcome(() => validateIdentity(this.#settings, this.#chain));
    if ('error' in this.#validation) throw this.#validation.error;
  }

  verify(message: Uint8Array, signature: Uint8Array): Promise<void> {
    return verifyLowS(this.#publicKey, message, signature);
  }

  satisfiesPrincipal(principal: msp.MSPPrincipal): void {
    const bytes = Buffer.from(principal.getPrincipal_asU8()).toString('latin1');
    const key = `${principal.getPrincipalClassification()}:${bytes}`;
    let answer = this.#principals.get(key);
    if (!answer) {
      answer = outcome(() => satisfiesPrincipal(this.#membership, this, principal));
      this.#principals.set(key, answer);
    }
    if ('error' in answer) throw answer.error;
  }
}

function outcome(check: () => void): { error?: unknown } {
  try {
    check();
    return {};
  } catch (error) {
    return { error };
  }
}

/** msp/mspimplvalidate.go: validateIdentity. */
function validateIdentity(settings: MspSettings, chain: readonly X509Certificate[]): void {
  const [certificate, issuer] = chain;
  if (!certificate || !issuer || certificate.ca) {
    throw new LauncherError(
      'could not obtain certification chain: An X509 certificate with Basic Constraint: Certificate Authority equals true cannot be used as an identity',
    );
  }
  try {
    requireChainValidity(chain);
  } catch (error) {
    throw wrap('could not obtain certification chain', error);
  }
  // A CA that certified other CAs of this MSP does not certify people.
  if (settings.intermediateCas.some((ca) => ca.checkIssued(issuer) && !ca.raw.equals(issuer.raw))) {
    throw new LauncherError(
      'could not obtain certification chain: invalid validation chain. Parent certificate should be a leaf of the certification tree',
    );
  }
  if (settings.revocationLists.some((list) => list.revokes(certificate, issuer))) {
    throw new LauncherError(
      'could not validate identity against certification chain: The certificate has been revoked',
    );
  }
  try {
    validateUnits(settings, chain);
  } catch (error) {
    throw wrap("could not validate identity's OUs", error);
  }
}
