import { createHash } from 'node:crypto';
import { common, decode, peer } from '../protos/index.js';

/** What an endorser says about a proposal: the parts of ChaincodeAction. */
export interface Action {
  /** Marshalled TxReadWriteSet. */
  readonly results: Uint8Array;
  readonly event: peer.ChaincodeEvent | undefined;
  readonly response: peer.Response;
  readonly chaincodeId: peer.ChaincodeID;
}

/** SHA-256 of channel header ‖ signature header ‖ payload without its transient map, each as it was received. */
export function proposalHash(header: common.Header, proposalPayload: Uint8Array): Uint8Array {
  const payload = decode(peer.ChaincodeProposalPayload, proposalPayload, 'ChaincodeProposalPayload');
  const visible = new peer.ChaincodeProposalPayload();
  visible.setInput(payload.getInput_asU8());
  return createHash('sha256')
    .update(header.getChannelHeader_asU8())
    .update(header.getSignatureHeader_asU8())
    .update(visible.serializeBinary())
    .digest();
}

/** Marshalled ProposalResponsePayload; all endorsers of a transaction must make the same bytes. */
export function proposalResponsePayload(hash: Uint8Array, action: Action): Uint8Array {
  const chaincodeAction = new peer.ChaincodeAction();
  chaincodeAction.setResults(action.results);
  // An empty `events` field would be encoded by nobody else, and is invalid at commit.
  if (action.event) chaincodeAction.setEvents(action.event.serializeBinary());
  chaincodeAction.setResponse(action.response);
  chaincodeAction.setChaincodeId(action.chaincodeId);
  const payload = new peer.ProposalResponsePayload();
  payload.setProposalHash(hash);
  payload.setExtension$(chaincodeAction.serializeBinary());
  return payload.serializeBinary();
}

/** An answer that is neither endorsed nor carries results. */
export function plainResponse(response: peer.Response): peer.ProposalResponse {
  const proposalResponse = new peer.ProposalResponse();
  proposalResponse.setResponse(response);
  return proposalResponse;
}

/** Status 500 with a text: how every failure after the first checks reaches the client. */
export function failureResponse(message: string): peer.ProposalResponse {
  const response = new peer.Response();
  response.setStatus(500);
  response.setMessage(message);
  return plainResponse(response);
}
