import { blockTransactions, metadataIndex, openEnvelope } from '../channelconfig/blocks.js';
import { common, peer } from '../protos/index.js';

const { HeaderType } = common;

/** What DeliverFiltered shows of a block: codes and events without their payload (contract 17). */
export function filteredBlock(block: common.Block, channelId: string): peer.FilteredBlock {
  const codes =
    block.getMetadata()?.getMetadataList_asU8()[metadataIndex.transactionsFilter] ?? new Uint8Array();
  const result = new peer.FilteredBlock();
  result.setChannelId(channelId);
  result.setNumber(block.getHeader()?.getNumber() ?? 0);
  for (const [index, envelope] of blockTransactions(block).entries()) {
    const code = codes[index] ?? peer.TxValidationCode.NOT_VALIDATED;
    const transaction = filteredTransaction(envelope, code);
    if (transaction) result.addFilteredTransactions(transaction);
  }
  return result;
}

function filteredTransaction(envelope: Uint8Array, code: number): peer.FilteredTransaction | undefined {
  const result = new peer.FilteredTransaction();
  result.setTxValidationCode(code as peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap]);
  try {
    const { payload, channelHeader } = openEnvelope(envelope);
    result.setTxid(channelHeader.getTxId());
    result.setType(channelHeader.getType() as common.HeaderTypeMap[keyof common.HeaderTypeMap]);
    if (channelHeader.getType() === HeaderType.ENDORSER_TRANSACTION) {
      result.setTransactionActions(filteredActions(payload.getData_asU8()));
    }
    return result;
  } catch {
    // A transaction that does not decode has no id to show; its code says that it is invalid.
    return result.getTxid() === '' ? undefined : result;
  }
}

function filteredActions(data: Uint8Array): peer.FilteredTransactionActions {
  const result = new peer.FilteredTransactionActions();
  for (const action of peer.Transaction.deserializeBinary(data).getActionsList()) {
    const payload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
    const response = peer.ProposalResponsePayload.deserializeBinary(
      payload.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
    );
    const chaincodeAction = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
    const event = peer.ChaincodeEvent.deserializeBinary(chaincodeAction.getEvents_asU8());
    if (event.getChaincodeId() === '') continue;
    event.setPayload(new Uint8Array());
    const filtered = new peer.FilteredChaincodeAction();
    filtered.setChaincodeEvent(event);
    result.addChaincodeActions(filtered);
  }
  return result;
}
