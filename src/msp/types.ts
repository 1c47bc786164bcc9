import type { X509Certificate } from 'node:crypto';
import type { msp } from '../protos/index.js';

/** An identity of one MSP: a certificate that this process has decoded (not necessarily a valid one). */
export interface Identity {
  readonly mspId: string;
  /** SerializedIdentity bytes exactly as they were received. */
  readonly serialized: Uint8Array;
  /** Hex SHA-256 of the sanitised certificate: two encodings of one certificate have one id. */
  readonly id: string;
  readonly certificate: X509Certificate;
  /** End of the certificate's validity. */
  readonly expiresAt: Date;
  /** Throws unless chain, revocation lists and NodeOUs hold. The answer is cached. */
  validate(): void;
  /** Throws unless `signature` is a low-S ECDSA signature of SHA-256(message) by this identity. Runs off the event loop. */
  verify(message: Uint8Array, signature: Uint8Array): Promise<void>;
  /** Throws unless this identity satisfies the principal (role, organisation unit, identity). */
  satisfiesPrincipal(principal: msp.MSPPrincipal): void;
}

/** Turns SerializedIdentity bytes into an Identity; throws `MSP ‹id› is unknown` and the like. Cached by bytes. */
export interface IdentityDeserializer {
  deserializeIdentity(serialized: Uint8Array): Identity;
}

/** An identity that can sign. */
export interface SigningIdentity {
  readonly mspId: string;
  /** SerializedIdentity bytes. */
  readonly serialized: Uint8Array;
  /** Low-S DER ECDSA signature of SHA-256(message). */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** Bytes, who is said to have signed them, and the signature: what a policy is evaluated over. */
export interface SignedData {
  readonly data: Uint8Array;
  /** SerializedIdentity bytes. */
  readonly identity: Uint8Array;
  readonly signature: Uint8Array;
}
