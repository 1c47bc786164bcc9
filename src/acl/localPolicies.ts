import { LauncherError, messageOf } from '../errors.js';
import type { Identity, IdentityDeserializer } from '../msp/types.js';
import { rolePrincipal } from '../policies/build.js';
import type { msp, peer } from '../protos/index.js';
import type { ProposalSigners } from './proposalSigners.js';

/** The local MSP as the checks outside any channel need it. */
export interface LocalMsp extends IdentityDeserializer {
  readonly mspId: string;
}

/** Checks a proposal against roles of the local MSP (core/policy: CheckPolicyNoChannel; texts of contract 9). */
export class LocalPolicies {
  readonly #msp: LocalMsp;
  readonly #signers: ProposalSigners;

  constructor(localMsp: LocalMsp, signers: ProposalSigners) {
    this.#msp = localMsp;
    this.#signers = signers;
  }

  /** @param policyName `Admins` or `Members`; any other name is refused, as Fabric does for an empty channel name */
  async check(policyName: string, signedProposal: peer.SignedProposal | undefined): Promise<void> {
    const during = `during channelless check policy with policy [${policyName}]`;
    if (!signedProposal) throw new LauncherError(`Invalid signed proposal ${during}`);
    const { signed, verified } = step(`Failing extracting proposal ${during}`, () =>
      this.#signers.signedData(signedProposal),
    );
    const identity = step(`Failed deserializing proposal creator ${during}`, () =>
      this.#msp.deserializeIdentity(signed.identity),
    );
    const principal = step(`Failed getting local MSP principal ${during}`, () => this.#principal(policyName));
    step(`Failed verifying that proposal's creator satisfies local MSP principal ${during}`, () =>
      identity.satisfiesPrincipal(principal),
    );
    if (!verified) await verify(identity, signed);
  }

  #principal(policyName: string): msp.MSPPrincipal {
    switch (policyName) {
      case 'Admins':
        return rolePrincipal(this.#msp.mspId, 'admin');
      case 'Members':
        return rolePrincipal(this.#msp.mspId, 'member');
      default:
        throw new LauncherError(`MSP Principal role [${policyName}] not recognized`);
    }
  }
}

function verify(identity: Identity, signed: { data: Uint8Array; signature: Uint8Array }): Promise<void> {
  return identity.verify(signed.data, signed.signature);
}

/** Fabric puts the inner text of these checks in brackets. */
function step<T>(text: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new LauncherError(`${text}: [${messageOf(error)}]`, { cause: error });
  }
}
