import 'reflect-metadata';
import { isIP } from 'node:net';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  AuthorityKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { Extension, X509Certificate } from '@peculiar/x509';
import type { ClientCertIssuer } from './certAuth.js';

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;
const dayMs = 24 * 60 * 60 * 1000;

/** Key and certificate of one end of the chaincode listener. */
export interface IssuedCert {
  readonly keyPem: string;
  readonly certPem: string;
  readonly der: Uint8Array;
  readonly caPem: string;
}

/**
 * The CA of chaincode TLS: made anew at every start, kept in memory only (contract 4). Unlike the 1.4 peer's it has no
 * extended key usage, because OpenSSL 3, and so every current Node shim, refuses a CA with anyExtendedKeyUsage alone.
 */
export class LaunchCa implements ClientCertIssuer {
  readonly certPem: string;
  readonly #certificate: X509Certificate;
  readonly #key: CryptoKeyPair;

  private constructor(certificate: X509Certificate, key: CryptoKeyPair) {
    this.#certificate = certificate;
    this.#key = key;
    this.certPem = pem(certificate);
  }

  static async create(): Promise<LaunchCa> {
    cryptoProvider.set(globalThis.crypto);
    const key = await newKey();
    const serialNumber = newSerial();
    const name = subject(serialNumber);
    const certificate = await X509CertificateGenerator.create({
      serialNumber,
      subject: name,
      issuer: name,
      ...validity(3650 * dayMs),
      publicKey: key.publicKey,
      signingKey: key.privateKey,
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(
          KeyUsageFlags.digitalSignature |
            KeyUsageFlags.keyEncipherment |
            KeyUsageFlags.keyCertSign |
            KeyUsageFlags.cRLSign,
          true,
        ),
        await SubjectKeyIdentifierExtension.create(key.publicKey),
      ],
    });
    return new LaunchCa(certificate, key);
  }

  /** The certificate of the chaincode listener, for the endpoint's host and for this machine. */
  async issueServerCert(host: string): Promise<IssuedCert> {
    const names = [...new Set([host, 'localhost', '127.0.0.1', '::1'])];
    const san = names.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
    return this.#issue(
      [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth],
      [new SubjectAlternativeNameExtension(san)],
      3650 * dayMs,
    );
  }

  /** The client certificate of one launch. It is as old as the launch, so it lives as long as the CA does. */
  async issueClientCert(): Promise<IssuedCert> {
    return this.#issue([ExtendedKeyUsage.clientAuth], [], 3650 * dayMs);
  }

  async #issue(usages: ExtendedKeyUsage[], more: Extension[], lifeMs: number): Promise<IssuedCert> {
    const key = await newKey();
    const serialNumber = newSerial();
    const certificate = await X509CertificateGenerator.create({
      serialNumber,
      subject: subject(serialNumber),
      issuer: this.#certificate.subject,
      ...validity(lifeMs),
      publicKey: key.publicKey,
      signingKey: this.#key.privateKey,
      signingAlgorithm,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
        new ExtendedKeyUsageExtension(usages),
        await AuthorityKeyIdentifierExtension.create(this.#key.publicKey),
        ...more,
      ],
    });
    return {
      keyPem: await privateKeyPem(key.privateKey),
      certPem: pem(certificate),
      der: new Uint8Array(certificate.rawData),
      caPem: this.certPem,
    };
  }
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

function newKey(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
}

/** 16 random bytes, positive as DER wants it. */
function newSerial(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** The subject says nothing but a serial number, as Fabric's does. */
function subject(serialNumber: string): string {
  return `2.5.4.5=${BigInt(`0x${serialNumber}`).toString()}`;
}

/** A day back, for clocks that differ. */
function validity(lifeMs: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - dayMs), notAfter: new Date(now + lifeMs) };
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}
