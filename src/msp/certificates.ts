import { createHash, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { LauncherError } from '../errors.js';
import { readDer, readDerSequence, writeDer, type DerElement } from './der.js';
import { curveOf, toLowS } from './lowS.js';

const integerTag = 0x02;
const bitStringTag = 0x03;
const sequenceTag = 0x30;
const versionTag = 0xa0;
/** 2.5.4.11, organizationalUnitName. */
const unitOid = Buffer.from('55040b', 'hex');
/** 1.2.840.10045.4, the signatures of ECDSA. */
const ecdsaOid = Buffer.from('2a8648ce3d04', 'hex');

/** Parses one PEM certificate; throws `could not decode the PEM structure` or `parseCertificate failed`. */
export function parsePem(pem: Uint8Array): X509Certificate {
  const text = Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength);
  if (!text.includes('-----BEGIN')) throw new LauncherError('could not decode the PEM structure');
  try {
    return new X509Certificate(text);
  } catch (error) {
    throw new LauncherError('parseCertificate failed', { cause: error });
  }
}

/** The organisational units in the subject, in order. */
export function organizationalUnits(certificate: X509Certificate): string[] {
  const [tbs] = readDerSequence(readDer(certificate.raw).content);
  const fields = readDerSequence(tbs?.content ?? new Uint8Array());
  // version is optional; then serial, algorithm, issuer, validity, subject
  const subject = fields[fields[0]?.tag === versionTag ? 5 : 4];
  const units: string[] = [];
  for (const relativeName of readDerSequence(subject?.content ?? new Uint8Array())) {
    for (const attribute of readDerSequence(relativeName.content)) {
      const [oid, value] = readDerSequence(attribute.content);
      if (oid && value && unitOid.equals(oid.content))
        units.push(Buffer.from(value.content).toString('utf8'));
    }
  }
  return units;
}

/**
 * Hex SHA-256 of the certificate with its issuer's signature in low-S form
 * (msp/cert.go: sanitizeECDSASignedCert): who re-encodes a certificate does not become a second person.
 */
export function sanitizedDigest(certificate: X509Certificate, issuerKey: KeyObject): string {
  return createHash('sha256').update(sanitize(certificate.raw, issuerKey)).digest('hex');
}

function sanitize(raw: Uint8Array, issuerKey: KeyObject): Uint8Array {
  const [tbs, algorithm, signature] = readDerSequence(readDer(raw).content);
  const curve = curveOf(issuerKey);
  if (!tbs || !algorithm || !signature || !curve || !isEcdsa(algorithm)) return raw;
  const value = signature.content.subarray(1);
  const low = toLowS(value, curve);
  if (low === value) return raw;
  return writeDer(sequenceTag, tbs.raw, algorithm.raw, writeDer(bitStringTag, Buffer.from([0]), low));
}

function isEcdsa(algorithm: DerElement): boolean {
  return ecdsaOid.equals(readDer(algorithm.content).content.subarray(0, ecdsaOid.length));
}

/** SHA-256 over the certificates of a chain without the identity's own: Fabric's CertifiersIdentifier. */
export function certifiersIdentifier(issuers: readonly X509Certificate[]): Buffer {
  const hash = createHash('sha256');
  for (const issuer of issuers) hash.update(issuer.raw);
  return hash.digest();
}

/** Last byte of the algorithm's identifier → hash, for the signatures that CAs make over revocation lists. */
const ecdsaHashes: Readonly<Record<number, string>> = { 2: 'sha256', 3: 'sha384', 4: 'sha512' };
const rsaHashes: Readonly<Record<number, string>> = { 11: 'sha256', 12: 'sha384', 13: 'sha512' };

/** A certificate revocation list (DER or PEM). */
export class RevocationList {
  readonly #tbs: Uint8Array;
  readonly #hash: string | undefined;
  readonly #signature: Uint8Array;
  readonly #serials: ReadonlySet<string>;

  constructor(bytes: Uint8Array) {
    const [tbs, algorithm, signature] = readDerSequence(readDer(fromPem(bytes)).content);
    if (!tbs || !algorithm || !signature) throw new LauncherError('could not parse RevocationList');
    this.#tbs = tbs.raw;
    this.#signature = signature.content.subarray(1);
    const last = readDer(algorithm.content).content.at(-1) ?? 0;
    this.#hash = isEcdsa(algorithm) ? ecdsaHashes[last] : rsaHashes[last];
    this.#serials = new Set(revokedSerials(tbs.content));
  }

  /** True when this list names the certificate and was signed by its issuer. */
  revokes(certificate: X509Certificate, issuer: X509Certificate): boolean {
    if (!this.#serials.has(normalizeSerial(certificate.serialNumber)) || !this.#hash) return false;
    return verify(this.#hash, this.#tbs, issuer.publicKey, this.#signature);
  }
}

/** [version], algorithm, issuer, thisUpdate, [nextUpdate], [revoked], [extensions] */
function revokedSerials(tbs: Uint8Array): string[] {
  const fields = readDerSequence(tbs);
  const afterIssuer = fields.slice(fields[0]?.tag === integerTag ? 3 : 2);
  const list = afterIssuer.find((field) => field.tag === sequenceTag);
  return readDerSequence(list?.content ?? new Uint8Array()).map((entry) =>
    normalizeSerial(Buffer.from(readDer(entry.content).content).toString('hex')),
  );
}

function fromPem(bytes: Uint8Array): Uint8Array {
  const body = /-----BEGIN (?:X509 )?CRL-----([A-Za-z0-9+/=\s]+)-----END/.exec(
    Buffer.from(bytes).toString('latin1'),
  );
  return body?.[1] === undefined ? bytes : Buffer.from(body[1], 'base64');
}

function normalizeSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+/, '');
}
