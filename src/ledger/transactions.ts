import { openEnvelope } from '../channelconfig/blocks.js';
import { common, ledger, peer } from '../protos/index.js';

const { rwset } = ledger;
type KVRWSet = InstanceType<typeof rwset.kvrwset.KVRWSet>;
type HashedRWSet = InstanceType<typeof rwset.kvrwset.HashedRWSet>;

export interface CollectionSet {
  readonly collection: string;
  readonly hashed: HashedRWSet;
  readonly pvtHash: Uint8Array;
}

export interface NamespaceSet {
  readonly namespace: string;
  readonly set: KVRWSet;
  readonly collections: readonly CollectionSet[];
}

/** A transaction of a block as far as the ledger is concerned. */
export interface LedgerTransaction {
  readonly txId: string;
  /** Present for endorser transactions. */
  readonly namespaces?: readonly NamespaceSet[];
  /** Present for configuration transactions: marshalled Config. */
  readonly config?: Uint8Array;
}

/** The txid in an envelope; '' where there is none to be found. */
export function transactionId(envelope: Uint8Array): string {
  try {
    return openEnvelope(envelope).channelHeader.getTxId();
  } catch {
    // The validation has given such a transaction its code; it has no id to index.
    return '';
  }
}

/** Reads a transaction that the validation found valid. Throws when it does not decode. */
export function readTransaction(envelope: Uint8Array): LedgerTransaction {
  const { payload, channelHeader } = openEnvelope(envelope);
  const txId = channelHeader.getTxId();
  if (channelHeader.getType() === common.HeaderType.CONFIG) {
    const config = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig();
    return config ? { txId, config: config.serializeBinary() } : { txId };
  }
  if (channelHeader.getType() !== common.HeaderType.ENDORSER_TRANSACTION) return { txId };
  return { txId, namespaces: namespaceSets(payload.getData_asU8()) };
}

function namespaceSets(data: Uint8Array): NamespaceSet[] {
  const action = peer.Transaction.deserializeBinary(data).getActionsList()[0];
  if (!action) return [];
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action.getPayload_asU8());
  const response = peer.ProposalResponsePayload.deserializeBinary(
    actionPayload.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
  );
  const results = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8();
  return parseResults(results);
}

/** Parses a marshalled TxReadWriteSet. */
export function parseResults(results: Uint8Array): NamespaceSet[] {
  return rwset.TxReadWriteSet.deserializeBinary(results)
    .getNsRwsetList()
    .map((one) => ({
      namespace: one.getNamespace(),
      set: rwset.kvrwset.KVRWSet.deserializeBinary(one.getRwset_asU8()),
      collections: one.getCollectionHashedRwsetList().map((collection) => ({
        collection: collection.getCollectionName(),
        hashed: rwset.kvrwset.HashedRWSet.deserializeBinary(collection.getHashedRwset_asU8()),
        pvtHash: collection.getPvtRwsetHash_asU8(),
      })),
    }));
}
