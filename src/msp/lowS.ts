import { sign, verify, type KeyObject } from 'node:crypto';
import { LauncherError, messageOf } from '../errors.js';
import { readDer, readDerSequence, writeDer } from './der.js';

/** The order of an elliptic curve and half of it. */
export interface Curve {
  readonly order: bigint;
  readonly half: bigint;
}

const integerTag = 0x02;
const sequenceTag = 0x30;
const curves: Readonly<Record<string, Curve>> = {
  prime256v1: curve('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  secp384r1: curve(
    'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ),
};

function curve(order: string): Curve {
  const value = BigInt(`0x${order}`);
  return { order: value, half: value >> 1n };
}

/** The curve of an ECDSA key; undefined for other keys. */
export function curveOf(key: KeyObject): Curve | undefined {
  return curves[key.asymmetricKeyDetails?.namedCurve ?? ''];
}

function requireCurve(key: KeyObject): Curve {
  const found = curveOf(key);
  if (!found) throw new LauncherError(`key type not supported [${key.asymmetricKeyType ?? 'unknown'}]`);
  return found;
}

/**
 * Signs SHA-256(message). Fabric takes only the smaller of the two valid S values
 * (bccsp/utils: ToLowS), so the other one is mirrored.
 */
export async function signLowS(key: KeyObject, message: Uint8Array): Promise<Uint8Array> {
  const of = requireCurve(key);
  const signature = await new Promise<Buffer>((resolve, reject) => {
    sign('sha256', message, { key, dsaEncoding: 'der' }, (error, made) => {
      if (error) reject(error);
      else resolve(made);
    });
  });
  return toLowS(signature, of);
}

/** Gives the signature with the smaller S; a low one is returned as it is. */
export function toLowS(signature: Uint8Array, { order, half }: Curve): Uint8Array {
  const { r, s } = readSignature(signature);
  if (s <= half) return signature;
  return writeDer(sequenceTag, derInteger(r), derInteger(order - s));
}

/**
 * Rejects unless `signature` is a low-S ECDSA signature of SHA-256(message); texts of msp/identities.go and
 * bccsp/sw. The arithmetic runs in the thread pool.
 */
export async function verifyLowS(key: KeyObject, message: Uint8Array, signature: Uint8Array): Promise<void> {
  try {
    requireLowS(signature, requireCurve(key));
  } catch (error) {
    throw new LauncherError(
      `could not determine the validity of the signature: Failed verifing with opts [<nil>]: ${messageOf(error)}`,
      { cause: error },
    );
  }
  const valid = await new Promise<boolean>((resolve, reject) => {
    verify('sha256', message, { key, dsaEncoding: 'der' }, signature, (error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
  if (!valid) throw new LauncherError('The signature is invalid');
}

function requireLowS(signature: Uint8Array, { half }: Curve): void {
  const { s } = readSignature(signature);
  if (s > half) throw new LauncherError(`Invalid S. Must be smaller than half the order [${s}][${half}].`);
}

function readSignature(signature: Uint8Array): { r: bigint; s: bigint } {
  const sequence = readDer(signature);
  const [r, s, ...rest] = readDerSequence(sequence.content);
  if (
    sequence.tag !== sequenceTag ||
    sequence.raw.length !== signature.length ||
    rest.length > 0 ||
    r?.tag !== integerTag ||
    s?.tag !== integerTag
  ) {
    throw new LauncherError('Failed unmashalling signature [not an ECDSA signature]');
  }
  return { r: toBigInt(r.content), s: toBigInt(s.content) };
}

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function derInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return writeDer(integerTag, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}
