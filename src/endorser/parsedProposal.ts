import { wrap } from '../errors.js';
import { checkUtf8, common, decode, peer } from '../protos/index.js';

/** A proposal with its headers decoded; the bytes stay as they were received. */
export interface ParsedProposal {
  readonly signedProposal: peer.SignedProposal;
  readonly proposal: peer.Proposal;
  readonly header: common.Header;
  readonly channelHeader: common.ChannelHeader;
  readonly channelId: string;
  readonly txId: string;
  readonly nonce: Uint8Array;
  /** SerializedIdentity bytes of who sent it. */
  readonly creator: Uint8Array;
}

/** The outer layers, which the check for expired identities needs; the texts are that check's (contract 10.2). */
export function parseOuter(signedProposal: peer.SignedProposal): {
  proposal: peer.Proposal;
  header: common.Header;
  signatureHeader: common.SignatureHeader;
} {
  const proposal = withPrefix('failed parsing proposal', () =>
    decode(peer.Proposal, signedProposal.getProposalBytes_asU8(), 'Proposal'),
  );
  const header = withPrefix('failed parsing header', () =>
    decode(common.Header, proposal.getHeader_asU8(), 'Header'),
  );
  const signatureHeader = withPrefix('failed parsing signature header', () =>
    decode(common.SignatureHeader, header.getSignatureHeader_asU8(), 'SignatureHeader'),
  );
  return { proposal, header, signatureHeader };
}

/** The channel header. Throws `error unmarshaling ChannelHeader: ‹why›`. */
export function parseChannelHeader(header: common.Header): common.ChannelHeader {
  const bytes = header.getChannelHeader_asU8();
  const channelHeader = decode(common.ChannelHeader, bytes, 'ChannelHeader');
  withPrefix('error unmarshaling ChannelHeader', () => {
    checkUtf8(bytes, { number: 4, name: 'common.ChannelHeader.channel_id' });
  });
  return channelHeader;
}

function withPrefix<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw wrap(prefix, error);
  }
}
