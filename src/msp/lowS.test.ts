import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDer, readDerSequence, writeDer } from './der.js';
import { curveOf, signLowS, toLowS, verifyLowS } from './lowS.js';

const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
const message = Buffer.from('message');

const sOf = (signature: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(readDerSequence(readDer(signature).content)[1]!.content).toString('hex')}`);

describe('signatures', () => {
  it.each([
    ['P-256', p256],
    ['P-384', p384],
  ])('have a low S on %s and verify', async (_name, { privateKey, publicKey }) => {
    const { half } = curveOf(publicKey)!;
    const signatures = await Promise.all(Array.from({ length: 40 }, () => signLowS(privateKey, message)));
    for (const signature of signatures) {
      expect(sOf(signature) <= half).toBe(true);
      await verifyLowS(publicKey, message, signature);
    }
  });

  it('with a high S are refused, though they are valid', async () => {
    const { order, half } = curveOf(p256.publicKey)!;
    let high: Buffer;
    do high = sign('sha256', message, p256.privateKey);
    while (sOf(high) <= half);
    await expect(verifyLowS(p256.publicKey, message, high)).rejects.toThrow(
      `could not determine the validity of the signature: Failed verifing with opts [<nil>]: Invalid S. Must be smaller than half the order [${sOf(high)}][${half}].`,
    );
    const low = toLowS(high, { order, half });
    expect(sOf(low)).toBe(order - sOf(high));
    await verifyLowS(p256.publicKey, message, low);
  });

  it('of another message or key are invalid', async () => {
    const signature = await signLowS(p256.privateKey, message);
    await expect(verifyLowS(p256.publicKey, Buffer.from('other'), signature)).rejects.toThrow(
      'The signature is invalid',
    );
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    await expect(verifyLowS(other.publicKey, message, signature)).rejects.toThrow('The signature is invalid');
  });

  it('are made and verified with EC keys only', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
    await expect(signLowS(rsa.privateKey, message)).rejects.toThrow('key type not supported [rsa]');
    const signature = await signLowS(p256.privateKey, message);
    await expect(verifyLowS(createPublicKey(rsa.privateKey), message, signature)).rejects.toThrow(
      'key type not supported [rsa]',
    );
  });

  it('that are garbage are refused with a reason, never accepted', async () => {
    const good = await signLowS(p256.privateKey, message);
    const [r, s] = readDerSequence(readDer(good).content);
    const withZero = writeDer(0x30, r!.raw, writeDer(0x02, Buffer.concat([Buffer.alloc(9), s!.content])));
    const odd = [
      Buffer.alloc(0),
      Buffer.concat([good, Buffer.alloc(1)]),
      Buffer.from(good).subarray(0, -1),
      withZero,
      writeDer(0x30, r!.raw, s!.raw, s!.raw),
      writeDer(0x30, writeDer(0x02, Buffer.from([0])), writeDer(0x02, Buffer.from([0]))),
      Buffer.from('3080', 'hex'),
    ];
    for (const signature of odd) {
      await expect(verifyLowS(p256.publicKey, message, signature)).rejects.toThrow(/signature/);
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
        await expect(verifyLowS(p256.publicKey, message, bytes)).rejects.toThrow(/signature/);
      }),
      { numRuns: 200 },
    );
  });
});
