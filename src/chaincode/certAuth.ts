import { createHash } from 'node:crypto';
import { LauncherError } from '../errors.js';
import type { CertGenerator, LaunchCertificate } from '../launcher/containerRuntime.js';

/** Issues the client certificate of one launch. */
export interface ClientCertIssuer {
  issueClientCert(
    cname: string,
  ): Promise<{ keyPem: string; certPem: string; der: Uint8Array; caPem: string }>;
}

/** Raised when a REGISTER is refused; the text is the RPC error that the chaincode gets. */
export class RegistrationRefused extends LauncherError {
  override readonly name = 'RegistrationRefused';
}

/**
 * Which launch a client certificate was made for (contract 4). An entry lives as long as its launch does: not for
 * ten minutes as in Fabric, so a slow build may still register and a certificate of a former launch may not.
 */
export class CertAuth implements CertGenerator {
  readonly #issuer: ClientCertIssuer;
  /** Hex SHA-256 of the certificate → chaincode. */
  readonly #launches = new Map<string, string>();

  constructor(issuer: ClientCertIssuer) {
    this.#issuer = issuer;
  }

  async generate(cname: string): Promise<LaunchCertificate> {
    const { keyPem, certPem, caPem, der } = await this.#issuer.issueClientCert(cname);
    const hash = sha256(der).toString('hex');
    this.#launches.set(hash, cname);
    return { keyPem, certPem, caPem, release: () => this.#launches.delete(hash) };
  }

  /** Throws RegistrationRefused unless this certificate was made for the running launch of this chaincode. */
  check(cname: string, certificate: Uint8Array | undefined): void {
    if (!certificate) {
      throw new RegistrationRefused(`TLS is active but chaincode ${cname} didn't send certificate`);
    }
    const hash = sha256(certificate);
    const owner = this.#launches.get(hash.toString('hex'));
    const prefix = `Chaincode ${cname} with given certificate hash ${goBytes(hash)}`;
    if (owner === undefined) throw new RegistrationRefused(`${prefix} not found in registry`);
    if (owner !== cname) throw new RegistrationRefused(`${prefix} belongs to a different chaincode`);
  }

  /** Certificates that may register now. */
  get size(): number {
    return this.#launches.size;
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** A byte slice as Go prints it: `[56 176 229]`. */
function goBytes(bytes: Uint8Array): string {
  return `[${bytes.join(' ')}]`;
}
