import 'reflect-metadata';
import { webcrypto, X509Certificate as NodeCertificate } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type Extension,
  type JsonName,
  type X509Certificate,
} from '@peculiar/x509';
import { curveOf, toLowS } from '../msp/lowS.js';

type CryptoKeyPair = webcrypto.CryptoKeyPair;

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const minuteMs = 60_000;
const tenYearsMs = 3650 * 24 * 60 * minuteMs;
const place: JsonName = [{ C: ['US'] }, { ST: ['California'] }, { L: ['San Francisco'] }];
const tlsUsages = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];

/** A certificate and its PKCS#8 key, both PEM. */
export interface KeyAndCertificate {
  readonly keyPem: string;
  readonly certPem: string;
}

/** A certificate authority of one organisation with its key, for making identities (cryptogen's subjects and usages). */
export class DevCa implements KeyAndCertificate {
  readonly commonName: string;
  readonly keyPem: string;
  readonly certPem: string;
  readonly #certificate: X509Certificate;
  readonly #key: CryptoKeyPair;

  private constructor(commonName: string, certificate: X509Certificate, key: CryptoKeyPair, keyPem: string) {
    this.commonName = commonName;
    this.#certificate = certificate;
    this.#key = key;
    this.keyPem = keyPem;
    this.certPem = pem(certificate);
  }

  /** Makes a self-signed CA `‹prefix›.‹domain›`. */
  static async create(prefix: 'ca' | 'tlsca', domain: string): Promise<DevCa> {
    cryptoProvider.set(globalThis.crypto);
    const key = await newKey();
    const commonName = `${prefix}.${domain}`;
    const name = new Name([...place, { O: [domain] }, { CN: [commonName] }]);
    const certificate = await lowSCertificate({
      serialNumber: newSerial(),
      subject: name.toString(),
      issuer: name.toString(),
      ...validity(),
      publicKey: key.publicKey,
      signingKey: key.privateKey,
      signingAlgorithm,
      extensions: [
        new KeyUsagesExtension(
          KeyUsageFlags.digitalSignature |
            KeyUsageFlags.keyEncipherment |
            KeyUsageFlags.keyCertSign |
            KeyUsageFlags.cRLSign,
          true,
        ),
        new ExtendedKeyUsageExtension(tlsUsages),
        new BasicConstraintsExtension(true, undefined, true),
        await SubjectKeyIdentifierExtension.create(key.publicKey),
      ],
    });
    return new DevCa(commonName, certificate, key, await privateKeyPem(key.privateKey));
  }

  /** A signing identity; `ou` is the NodeOU (client, peer, admin, orderer) that says what it may do. */
  issueIdentity(commonName: string, ou: string): Promise<KeyAndCertificate> {
    return this.#issue(
      [...place, { OU: [ou] }, { CN: [commonName] }],
      [new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true)],
    );
  }

  /** A TLS certificate for server and client side; `hosts` are DNS names and IP addresses (may be none for a user). */
  issueTls(commonName: string, hosts: readonly string[]): Promise<KeyAndCertificate> {
    const names = hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
    return this.#issue(
      [...place, { CN: [commonName] }],
      [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
        new ExtendedKeyUsageExtension(tlsUsages),
        ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
      ],
    );
  }

  async #issue(subject: JsonName, extensions: Extension[]): Promise<KeyAndCertificate> {
    const key = await newKey();
    const certificate = await lowSCertificate({
      serialNumber: newSerial(),
      subject: new Name(subject).toString(),
      issuer: this.#certificate.subject,
      ...validity(),
      publicKey: key.publicKey,
      signingKey: this.#key.privateKey,
      signingAlgorithm,
      extensions: [
        ...extensions,
        new BasicConstraintsExtension(false, undefined, true),
        await AuthorityKeyIdentifierExtension.create(this.#key.publicKey),
      ],
    });
    return { keyPem: await privateKeyPem(key.privateKey), certPem: pem(certificate) };
  }
}

function newKey(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
}

/** 16 random bytes, positive as DER wants it. */
function newSerial(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** Five minutes back, for clocks that differ, as cryptogen does. */
function validity(): { notBefore: Date; notAfter: Date } {
  const start = Date.now() - 5 * minuteMs;
  return { notBefore: new Date(start), notAfter: new Date(start + tenYearsMs) };
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

/**
 * Issues until the signature has a low S, as cryptogen's certificates do: Fabric's MSP rewrites others before it checks
 * their chain, and then does not find it. Every second one is low.
 */
async function lowSCertificate(
  params: Parameters<typeof X509CertificateGenerator.create>[0],
): Promise<X509Certificate> {
  for (;;) {
    const certificate = await X509CertificateGenerator.create(params);
    const signature = new Uint8Array(certificate.signature);
    // Every key of these networks is on P-256, so the subject's tells the curve of the issuer's signature too.
    const curve = curveOf(new NodeCertificate(new Uint8Array(certificate.rawData)).publicKey);
    if (curve && toLowS(signature, curve) === signature) return certificate;
  }
}
