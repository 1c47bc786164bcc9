import { createHash } from 'node:crypto';
import { common, peer } from '../../src/protos/index.js';
import { signatureOf, who } from './txBuilder.js';

export interface TestProposal {
  /** `Org1MSP/alice`. */
  readonly creator?: string;
  readonly channelId?: string;
  readonly chaincode?: string;
  readonly args?: readonly (string | Uint8Array)[];
  readonly headerType?: number;
  /** Signs as somebody else. */
  readonly signedBy?: string;
}

let proposals = 0;

/** A proposal of a named identity (see txBuilder), with a nonce of its own. */
export function signedProposal(options: TestProposal = {}): peer.SignedProposal & { readonly txId: string } {
  const creator = who(options.creator ?? 'Org1MSP/alice');
  const nonce = Buffer.from(`nonce ${++proposals}`);
  const txId = createHash('sha256').update(nonce).update(creator).digest('hex');

  const id = new peer.ChaincodeID();
  id.setName(options.chaincode ?? 'mycc');
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(id);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(options.headerType ?? common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setChannelId(options.channelId ?? 'ch');
  channelHeader.setTxId(txId);
  channelHeader.setExtension$(extension.serializeBinary());
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creator);
  signatureHeader.setNonce(nonce);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());

  const input = new peer.ChaincodeInput();
  input.setArgsList((options.args ?? ['get', 'a']).map((arg) => Buffer.from(arg)));
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(id);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());

  const bytes = proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(signatureOf(options.signedBy ?? options.creator ?? 'Org1MSP/alice', bytes));
  return Object.assign(signed, { txId });
}
