import type { SignedData } from '../msp/types.js';
import { common, decode, peer } from '../protos/index.js';

/**
 * Who signed a proposal, and whether that signature was found good already. One proposal passes several checks;
 * its signature is verified once. What is kept goes with the proposal object.
 */
export class ProposalSigners {
  readonly #verified = new WeakMap<peer.SignedProposal, SignedData>();

  /** Says that the signature was verified against exactly these creator bytes. */
  verified(signedProposal: peer.SignedProposal, creator: Uint8Array): void {
    this.#verified.set(signedProposal, signedData(signedProposal, creator));
  }

  /** The proposal bytes, their creator and signature. Throws ProtoError when the proposal does not decode. */
  signedData(signedProposal: peer.SignedProposal): { signed: SignedData; verified: boolean } {
    const known = this.#verified.get(signedProposal);
    if (known) return { signed: known, verified: true };
    const proposal = decode(peer.Proposal, signedProposal.getProposalBytes_asU8(), 'Proposal');
    const header = decode(common.Header, proposal.getHeader_asU8(), 'Header');
    const signatureHeader = decode(
      common.SignatureHeader,
      header.getSignatureHeader_asU8(),
      'SignatureHeader',
    );
    return { signed: signedData(signedProposal, signatureHeader.getCreator_asU8()), verified: false };
  }
}

function signedData(signedProposal: peer.SignedProposal, creator: Uint8Array): SignedData {
  return {
    data: signedProposal.getProposalBytes_asU8(),
    identity: creator,
    signature: signedProposal.getSignature_asU8(),
  };
}
