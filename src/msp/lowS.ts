import { sign, verify, type KeyObject } from 'node:crypto';
import { LauncherError } from '../errors.js';
import { readDer, readDerSequence, writeDer } from './der.js';

/** Order of the curve P-256. */
const curveOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const halfOrder = curveOrder >> 1n;
const integerTag = 0x02;
const sequenceTag = 0x30;

/**
 * Signs SHA-256(message) with ECDSA P-256. Fabric takes only the smaller of the two valid S values
 * (bccsp/utils: ToLowS), so the other one is mirrored.
 */
export function signLowS(key: KeyObject, message: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    sign('sha256', message, { key, dsaEncoding: 'der' }, (error, signature) => {
      if (error) reject(error);
      else resolve(toLowS(signature));
    });
  });
}

/** Gives the signature with the smaller S; a low one is returned as it is. */
export function toLowS(signature: Uint8Array): Uint8Array {
  const { r, s } = readSignature(signature);
  if (s <= halfOrder) return signature;
  return writeDer(sequenceTag, derInteger(r), derInteger(curveOrder - s));
}

/** Rejects unless `signature` is a low-S ECDSA signature of SHA-256(message). Runs in the thread pool. */
export async function verifyLowS(key: KeyObject, message: Uint8Array, signature: Uint8Array): Promise<void> {
  const { s } = readSignature(signature);
  if (s > halfOrder) {
    throw new LauncherError(`Invalid S. Must be smaller than half the order [${s}][${halfOrder}].`);
  }
  const valid = await new Promise<boolean>((resolve, reject) => {
    verify('sha256', message, { key, dsaEncoding: 'der' }, signature, (error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
  if (!valid) throw new LauncherError('The signature is invalid');
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
    throw new LauncherError('failed unmashalling signature: not an ECDSA signature');
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
