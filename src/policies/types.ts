import type { Identity, SignedData } from '../msp/types.js';

/** A rule over signatures. */
export interface Policy {
  /** Rejects with the reason (`signature set did not satisfy policy`, …) unless the signatures satisfy the policy. */
  evaluateSignedData(signatures: readonly SignedData[]): Promise<void>;
  /** The same over identities whose signatures were verified already. Throws. */
  evaluateIdentities(identities: readonly Identity[]): void;
}

/** The policies of one channel by absolute path (`/Channel/Application/Writers`). */
export interface PolicyManager {
  /** undefined when there is no such policy. */
  getPolicy(path: string): Policy | undefined;
}
