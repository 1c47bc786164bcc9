import 'reflect-metadata';
import { createHash, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { X509Certificate as PeculiarCertificate, X509Crl } from '@peculiar/x509';
import { LauncherError } from '../errors.js';
import { readDer, readDerSequence, writeDer } from './der.js';
import { toLowS } from './lowS.js';

/** Parses one PEM certificate; throws `could not decode the PEM structure`. */
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
  return new PeculiarCertificate(certificate.raw).subjectName.getField('OU');
}

/** Hex SHA-256 of the certificate with its issuer's signature in low-S form (msp/cert.go: sanitizeECDSASignedCert). */
export function sanitizedDigest(certificate: X509Certificate): string {
  return createHash('sha256').update(sanitize(certificate.raw)).digest('hex');
}

function sanitize(raw: Uint8Array): Uint8Array {
  const [tbs, algorithm, signature] = readDerSequence(readDer(raw).content);
  if (!tbs || !algorithm || !signature) throw new LauncherError('asn1: structure error: not a certificate');
  if (!isEcdsa(algorithm.content)) return raw;
  const value = signature.content.subarray(1);
  const low = toLowS(value);
  if (low === value) return raw;
  const bits = writeDer(0x03, Buffer.from([0]), low);
  return writeDer(0x30, tbs.raw, algorithm.raw, bits);
}

/** True for the algorithm identifiers 1.2.840.10045.4.*. */
function isEcdsa(algorithm: Uint8Array): boolean {
  const prefix = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
  const oid = readDer(algorithm).content;
  return prefix.every((byte, index) => oid[index] === byte);
}

/** A certificate revocation list and the issuer that it speaks for. */
export class RevocationList {
  readonly #crl: X509Crl;
  readonly #raw: Uint8Array;
  readonly #serials: ReadonlySet<string>;

  constructor(bytes: Uint8Array) {
    this.#crl = new X509Crl(
      Buffer.from(bytes).toString('latin1').includes('-----BEGIN')
        ? Buffer.from(bytes).toString('latin1')
        : bytes,
    );
    this.#raw = new Uint8Array(this.#crl.rawData);
    this.#serials = new Set(this.#crl.entries.map((entry) => normalizeSerial(entry.serialNumber)));
  }

  /** True when this list, signed by `issuer`, names the certificate. */
  revokes(certificate: X509Certificate, issuer: X509Certificate): boolean {
    if (!this.#serials.has(normalizeSerial(certificate.serialNumber))) return false;
    return (
      this.#crl.issuer === new PeculiarCertificate(issuer.raw).subject && this.#isSignedBy(issuer.publicKey)
    );
  }

  #isSignedBy(key: KeyObject): boolean {
    const [tbs, , signature] = readDerSequence(readDer(this.#raw).content);
    if (!tbs || !signature) return false;
    return verify('sha256', tbs.raw, key, signature.content.subarray(1));
  }
}

function normalizeSerial(serial: string): string {
  return serial.toLowerCase().replace(/^0+/, '');
}
