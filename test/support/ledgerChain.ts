import { blockDataHash } from '../../src/channelconfig/blocks.js';
import { RwSetBuilder } from '../../src/ledger/rwset/builder.js';
import type { PeerLedger, TxSimulator } from '../../src/ledger/types.js';
import { common, peer } from '../../src/protos/index.js';

/** A genesis block that holds an empty configuration: enough for a ledger, not for a channel. */
export function genesisBlock(channelId: string): common.Block {
  const config = new common.ConfigEnvelope();
  config.setConfig(new common.Config());
  const envelope = envelopeOf(channelId, '', common.HeaderType.CONFIG, config.serializeBinary());
  return blockOf(0, new Uint8Array(), [envelope]);
}

/** A transaction whose effect is this marshalled TxReadWriteSet; nobody has signed it. */
export function transactionOf(channelId: string, txId: string, results: Uint8Array): Uint8Array {
  const action = new peer.ChaincodeAction();
  action.setResults(results);
  const response = new peer.ProposalResponsePayload();
  response.setExtension$(action.serializeBinary());
  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(response.serializeBinary());
  const payload = new peer.ChaincodeActionPayload();
  payload.setAction(endorsed);
  const transactionAction = new peer.TransactionAction();
  transactionAction.setPayload(payload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(transactionAction);
  const { ENDORSER_TRANSACTION } = common.HeaderType;
  return envelopeOf(channelId, txId, ENDORSER_TRANSACTION, transaction.serializeBinary());
}

/** Commits a block of these transactions on top of the ledger, each found valid before MVCC. Gives the codes. */
export async function commitBlock(ledgerOf: PeerLedger, ...envelopes: Uint8Array[]): Promise<number[]> {
  const lastHash = ledgerOf.getBlockchainInfo().getCurrentblockhash_asU8();
  const block = blockOf(ledgerOf.height, lastHash, envelopes);
  const committed = await ledgerOf.commit({ block, codes: new Uint8Array(envelopes.length) });
  return committed.transactions.map(({ code }) => code);
}

/** Simulates on the ledger and wraps what came of it; private writes are kept there unless told otherwise. */
export async function simulate(
  ledgerOf: PeerLedger,
  txId: string,
  run: (simulator: TxSimulator) => void | Promise<void>,
  options: { keepPrivateData?: boolean } = {},
): Promise<Uint8Array> {
  const simulator = ledgerOf.newTxSimulator(txId);
  try {
    await run(simulator);
    const results = simulator.getTxSimulationResults();
    if (results.privateSet && (options.keepPrivateData ?? true)) {
      await ledgerOf.keepPrivateData(txId, results.privateSet);
    }
    return transactionOf(ledgerOf.channelId, txId, results.publicBytes);
  } finally {
    simulator.done();
  }
}

/** A transaction that gives a chaincode these private collections, each name with its blockToLive. */
export function collectionDefinition(
  channelId: string,
  chaincode: string,
  collections: Readonly<Record<string, number>>,
): Uint8Array {
  const all = new peer.CollectionConfigPackage();
  for (const [name, blockToLive] of Object.entries(collections)) {
    const definition = new peer.StaticCollectionConfig();
    definition.setName(name);
    definition.setBlockToLive(blockToLive);
    const config = new peer.CollectionConfig();
    config.setStaticCollectionConfig(definition);
    all.addConfig(config);
  }
  const builder = new RwSetBuilder();
  builder.namespace('lscc').addWrite(`${chaincode}~collection`, all.serializeBinary());
  return transactionOf(channelId, `define-${chaincode}`, builder.build().publicBytes);
}

function envelopeOf(channelId: string, txId: string, type: number, data: Uint8Array): Uint8Array {
  const channelHeader = new common.ChannelHeader();
  channelHeader.setChannelId(channelId);
  channelHeader.setTxId(txId);
  channelHeader.setType(type);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(data);
  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}

function blockOf(number: number, previousHash: Uint8Array, envelopes: readonly Uint8Array[]): common.Block {
  const data = new common.BlockData();
  data.setDataList([...envelopes]);
  const header = new common.BlockHeader();
  header.setNumber(number);
  header.setPreviousHash(previousHash);
  header.setDataHash(blockDataHash(envelopes));
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  return block;
}
