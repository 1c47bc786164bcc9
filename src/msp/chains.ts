import type { X509Certificate } from 'node:crypto';
import { LauncherError } from '../errors.js';
import type { MspSettings } from './settings.js';

const second = 1_000;

/**
 * The certificate, its issuer, …, a root of the MSP (msp/mspimpl.go: getUniqueValidationChain).
 * Throws `the supplied identity is not valid: x509: …`. Times are requireChainValidity's.
 */
export function validationChain(settings: MspSettings, certificate: X509Certificate): X509Certificate[] {
  const chain = [certificate];
  let last = certificate;
  // A chain that visits an intermediate twice would never end.
  for (let depth = 0; depth <= settings.intermediateCas.length; depth++) {
    const root = settings.rootCas.find((ca) => isSignedBy(last, ca));
    if (root) return root.raw.equals(last.raw) ? chain : [...chain, root];
    const intermediate = settings.intermediateCas.find((ca) => isSignedBy(last, ca));
    if (!intermediate) break;
    chain.push(intermediate);
    last = intermediate;
  }
  throw new LauncherError(
    'the supplied identity is not valid: x509: certificate signed by unknown authority',
  );
}

/**
 * Throws unless every CA of the chain was valid when the certificate began. As in Fabric the time that counts is one
 * second after the certificate's own beginning, not now: a block must validate the same for ever.
 */
export function requireChainValidity(chain: readonly X509Certificate[]): void {
  const time = Date.parse(chain[0]?.validFrom ?? '') + second;
  for (const certificate of chain) {
    if (time < Date.parse(certificate.validFrom) || time > Date.parse(certificate.validTo)) {
      throw new LauncherError(
        'the supplied identity is not valid: x509: certificate has expired or is not yet valid',
      );
    }
  }
}

function isSignedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  return ca.ca && certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}
