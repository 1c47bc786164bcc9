import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509CertificateGenerator,
  X509CrlGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import { KeyObject } from 'node:crypto';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const caUsages: KeyUsageFlags = KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign;
const hourMs = 3_600_000;

/** A certificate of a test, as the objects and the bytes that tests need. */
export interface TestCertificate {
  readonly pem: Buffer;
  readonly serialNumber: string;
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  readonly keys: webcrypto.CryptoKeyPair;
}

let serial = 0;

/** Makes a certificate; without an issuer it signs itself. Valid from an hour ago for a day unless told. */
export async function issue(options: {
  subject: string;
  issuer?: TestCertificate;
  ca?: boolean;
  notBefore?: Date;
  notAfter?: Date;
}): Promise<TestCertificate> {
  cryptoProvider.set(globalThis.crypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  serial++;
  const serialNumber = `f0${serial.toString(16).padStart(6, '0')}`;
  const notBefore = options.notBefore ?? new Date(Date.now() - hourMs);
  const certificate = await X509CertificateGenerator.create({
    serialNumber,
    subject: options.subject,
    issuer: options.issuer?.certificate.subject ?? options.subject,
    notBefore,
    notAfter: options.notAfter ?? new Date(notBefore.getTime() + 24 * hourMs),
    publicKey: keys.publicKey,
    signingKey: (options.issuer?.keys ?? keys).privateKey,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(options.ca === true, undefined, true),
      new KeyUsagesExtension(options.ca ? caUsages : KeyUsageFlags.digitalSignature, true),
    ],
  });
  return {
    pem: Buffer.from(`${certificate.toString('pem')}\n`),
    serialNumber,
    certificate,
    privateKey: KeyObject.from(keys.privateKey),
    keys,
  };
}

/** A revocation list of `issuer` that `signer` signed (the issuer unless told). */
export async function revocationList(
  issuer: TestCertificate,
  revoked: readonly TestCertificate[],
  signer = issuer,
): Promise<{ der: Buffer; pem: Buffer }> {
  const crl = await X509CrlGenerator.create({
    issuer: issuer.certificate.subject,
    thisUpdate: new Date(),
    nextUpdate: new Date(Date.now() + hourMs),
    entries: revoked.map(({ serialNumber }) => ({ serialNumber, revocationDate: new Date() })),
    signingKey: signer.keys.privateKey,
    signingAlgorithm,
  });
  return { der: Buffer.from(crl.rawData), pem: Buffer.from(crl.toString('pem')) };
}
