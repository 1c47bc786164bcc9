import type { Identity, IdentityDeserializer } from '../msp/types.js';
import type { Policy } from '../policies/types.js';
import type { peer } from '../protos/index.js';
import type { ProposalSigners } from './proposalSigners.js';

/** Evaluates a policy over a proposal's creator; a signature that was verified before is not verified again. */
export async function evaluateOnProposal(
  policy: Policy,
  signedProposal: peer.SignedProposal,
  signers: ProposalSigners,
  deserializer: IdentityDeserializer,
): Promise<void> {
  const { signed, verified } = signers.signedData(signedProposal);
  if (!verified) {
    await policy.evaluateSignedData([signed]);
    return;
  }
  const identity = tryDeserialize(deserializer, signed.identity);
  policy.evaluateIdentities(identity ? [identity] : []);
}

/** A creator whom the channel does not know satisfies nothing; that is the policy's to say. */
function tryDeserialize(deserializer: IdentityDeserializer, serialized: Uint8Array): Identity | undefined {
  try {
    return deserializer.deserializeIdentity(serialized);
  } catch {
    return undefined;
  }
}
