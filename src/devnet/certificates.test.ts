import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readDer, readDerSequence } from '../msp/der.js';
import { curveOf, toLowS } from '../msp/lowS.js';
import { DevCa } from './certificates.js';

describe('the certificates of a development network', () => {
  it('carry low-S signatures, without which Fabric does not find their chain', async () => {
    const ca = await DevCa.create('ca', 'org1.example.com');
    const issued = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => ca.issueIdentity(name, 'client')),
    );
    for (const { certPem } of [ca, ...issued]) {
      const certificate = new X509Certificate(certPem);
      const signature = readDerSequence(readDer(certificate.raw).content)[2]!.content.subarray(1);
      expect(toLowS(signature, curveOf(certificate.publicKey)!)).toBe(signature);
    }
  });
});
