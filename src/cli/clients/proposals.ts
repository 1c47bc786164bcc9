import { createHash, randomBytes } from 'node:crypto';
import { timestampOf } from '../../protos/timestamp.js';
import { LauncherError } from '../../errors.js';
import { newSignatureHeader, signEnvelope } from '../../msp/signing.js';
import type { SigningIdentity } from '../../msp/types.js';
import { common, decode, peer } from '../../protos/index.js';

/** A proposal with what is needed again to make its transaction. */
export interface BuiltProposal {
  readonly signed: peer.SignedProposal;
  readonly txId: string;
  readonly header: common.Header;
  readonly signatureHeader: Uint8Array;
  readonly creator: Uint8Array;
  /** ChaincodeProposalPayload without the transient map. */
  readonly visiblePayload: Uint8Array;
}

export interface ProposalOptions {
  /** '' = without a channel. */
  readonly channelId: string;
  readonly chaincode: string;
  readonly args: readonly Uint8Array[];
  readonly transient?: ReadonlyMap<string, Uint8Array>;
  /** @default ENDORSER_TRANSACTION; JoinChain is CONFIG */
  readonly type?: common.HeaderTypeMap[keyof common.HeaderTypeMap];
}

/** Builds and signs a proposal (protos/utils: CreateChaincodeProposal). */
export async function buildProposal(
  signer: SigningIdentity,
  options: ProposalOptions,
): Promise<BuiltProposal> {
  const nonce = randomBytes(24);
  const txId = createHash('sha256').update(nonce).update(signer.serialized).digest('hex');
  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName(options.chaincode);
  const header = new common.Header();
  header.setChannelHeader(channelHeader(options, chaincodeId, txId).serializeBinary());
  const signatureHeader = newSignatureHeader(signer, nonce);
  header.setSignatureHeader(signatureHeader);
  const visible = new peer.ChaincodeProposalPayload();
  visible.setInput(invocation(options, chaincodeId).serializeBinary());
  const visiblePayload = visible.serializeBinary();
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(visible.getInput_asU8());
  for (const [key, value] of options.transient ?? []) payload.getTransientmapMap().set(key, value);
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const bytes = proposal.serializeBinary();
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(bytes);
  signed.setSignature(await signer.sign(bytes));
  return { signed, txId, header, signatureHeader, creator: signer.serialized, visiblePayload };
}

function channelHeader(
  options: ProposalOptions,
  chaincodeId: peer.ChaincodeID,
  txId: string,
): common.ChannelHeader {
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId);
  const header = new common.ChannelHeader();
  header.setType(options.type ?? common.HeaderType.ENDORSER_TRANSACTION);
  header.setTimestamp(timestampOf(new Date()));
  header.setChannelId(options.channelId);
  header.setTxId(txId);
  header.setExtension$(extension.serializeBinary());
  return header;
}

function invocation(options: ProposalOptions, chaincodeId: peer.ChaincodeID): peer.ChaincodeInvocationSpec {
  const input = new peer.ChaincodeInput();
  input.setArgsList([...options.args]);
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.GOLANG);
  spec.setChaincodeId(chaincodeId);
  spec.setInput(input);
  const result = new peer.ChaincodeInvocationSpec();
  result.setChaincodeSpec(spec);
  return result;
}

/** The transaction that endorsed proposals become (protos/utils: CreateSignedTx, with its texts). */
export async function signedTransaction(
  signer: SigningIdentity,
  proposal: BuiltProposal,
  responses: readonly peer.ProposalResponse[],
): Promise<common.Envelope> {
  const [first] = responses;
  if (!first) throw new LauncherError('at least one proposal response is required');
  for (const response of responses) {
    const status = response.getResponse()?.getStatus() ?? 0;
    if (status < 200 || status >= 400) {
      throw new LauncherError(
        `proposal response was not successful, error code ${status}, msg ${response.getResponse()?.getMessage() ?? ''}`,
      );
    }
    if (Buffer.compare(response.getPayload_asU8(), first.getPayload_asU8()) !== 0) {
      throw new LauncherError('ProposalResponsePayloads do not match');
    }
  }
  const action = new peer.ChaincodeEndorsedAction();
  action.setProposalResponsePayload(first.getPayload_asU8());
  action.setEndorsementsList(responses.flatMap((response) => response.getEndorsement() ?? []));
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(proposal.visiblePayload);
  actionPayload.setAction(action);
  const transactionAction = new peer.TransactionAction();
  transactionAction.setHeader(proposal.signatureHeader);
  transactionAction.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(transactionAction);
  const payload = new common.Payload();
  payload.setHeader(proposal.header);
  payload.setData(transaction.serializeBinary());
  return signEnvelope(signer, payload);
}

/** The orderer endpoints in a configuration block. */
export function ordererEndpoints(block: common.Block): string[] {
  const [bytes] = block.getData()?.getDataList_asU8() ?? [];
  if (!bytes) return [];
  const envelope = decode(common.Envelope, bytes, 'Envelope');
  const payload = decode(common.Payload, envelope.getPayload_asU8(), 'Payload');
  const group = decode(common.ConfigEnvelope, payload.getData_asU8(), 'ConfigEnvelope')
    .getConfig()
    ?.getChannelGroup();
  const value = group?.getValuesMap().get('OrdererAddresses')?.getValue_asU8();
  return value ? decode(common.OrdererAddresses, value, 'OrdererAddresses').getAddressesList() : [];
}
