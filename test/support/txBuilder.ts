import { createHash } from 'node:crypto';
import type { ApplicationCapabilities, ChannelResources } from '../../src/channelconfig/types.js';
import { LauncherError } from '../../src/errors.js';
import type { QueryExecutor } from '../../src/ledger/types.js';
import { parseSerializedIdentity, serializeIdentity } from '../../src/msp/serializedIdentity.js';
import type { Identity, IdentityDeserializer } from '../../src/msp/types.js';
import { encodeChaincodeData } from '../../src/packages/chaincodeData.js';
import { policyFromString } from '../../src/policies/dsl.js';
import { common, ledger, msp, peer } from '../../src/protos/index.js';
import type { ValidationContext } from '../../src/validation/types.js';

export const testChannel = 'ch';

/** `Org1MSP/alice` as SerializedIdentity bytes: a name stands where the certificate would. */
export function who(name: string): Uint8Array {
  const [mspId = '', id = ''] = name.split('/');
  return serializeIdentity(mspId, Buffer.from(id));
}

/** What stands for a signature in these tests. */
export function signatureOf(name: string, message: Uint8Array): Uint8Array {
  return Buffer.from(`${name} signed ${createHash('sha256').update(message).digest('hex')}`);
}

/** Identities of Org1MSP and Org2MSP; a name that begins with `admin` is an administrator. */
export const namedIdentities: IdentityDeserializer = {
  deserializeIdentity(serialized) {
    const { mspId, certificatePem } = parseSerializedIdentity(serialized);
    if (!/^Org[12]MSP$/.test(mspId)) throw new LauncherError(`MSP ${mspId} is unknown`);
    const id = Buffer.from(certificatePem).toString('utf8');
    return namedIdentity(mspId, id, serialized);
  },
};

function namedIdentity(mspId: string, id: string, serialized: Uint8Array): Identity {
  return {
    mspId,
    id,
    serialized,
    expiresAt: new Date(8.64e15),
    get certificate(): never {
      throw new LauncherError('a named identity has no certificate');
    },
    validate() {
      if (id.startsWith('revoked')) throw new LauncherError('The certificate has been revoked');
    },
    async verify(message, signature) {
      if (Buffer.compare(signature, signatureOf(`${mspId}/${id}`, message)) !== 0) {
        throw new LauncherError('The signature is invalid');
      }
    },
    satisfiesPrincipal(principal) {
      const role = msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8());
      const admin = role.getRole() === msp.MSPRole.MSPRoleType.ADMIN;
      if (role.getMspIdentifier() !== mspId || (admin && !id.startsWith('admin'))) {
        throw new LauncherError('This identity is not an admin');
      }
    },
  };
}

/** Marshalled endorsement policy. */
export function policy(text: string): Uint8Array {
  return policyFromString(text).serializeBinary();
}

/** A ChaincodeData value as lscc stores it. */
export function definition(
  name: string,
  options: { version?: string; policy?: string; vscc?: string; instantiation?: string } = {},
): Uint8Array {
  return encodeChaincodeData({
    name,
    version: options.version ?? '1.0',
    escc: 'escc',
    vscc: options.vscc ?? 'vscc',
    policy: policy(options.policy ?? "OR('Org1MSP.member','Org2MSP.member')"),
    data: Buffer.from('data'),
    id: Buffer.from(`id of ${name}`),
    instantiationPolicy:
      options.instantiation === '' ? Buffer.of() : policy(options.instantiation ?? "OR('Org1MSP.admin')"),
  });
}

/** A ledger of maps: `lscc/name` → value, `ns/key` → a key's own policy, txids. */
export class MapLedger {
  readonly state = new Map<string, Uint8Array>();
  readonly keyPolicies = new Map<string, Uint8Array>();
  readonly txIds = new Set<string>();
  /** Query executors that were opened and not ended. */
  open = 0;

  hasTransaction(txId: string): boolean {
    return this.txIds.has(txId);
  }

  newQueryExecutor(): QueryExecutor {
    this.open++;
    const unused = (): never => {
      throw new LauncherError('not used by validation');
    };
    return {
      getState: (namespace, key) => this.state.get(`${namespace}/${key}`),
      getStateMetadata: (namespace, key) => this.#metadata(`${namespace}/${key}`),
      getPrivateDataMetadataByHash: (namespace, collection, hash) =>
        this.#metadata(`${namespace}/${collection}/${Buffer.from(hash).toString('hex')}`),
      getStateRange: unused,
      getPrivateData: unused,
      getPrivateDataHash: unused,
      done: () => {
        this.open--;
      },
    };
  }

  #metadata(key: string): ReadonlyMap<string, Uint8Array> | undefined {
    const found = this.keyPolicies.get(key);
    return found && new Map([['VALIDATION_PARAMETER', found]]);
  }
}

const allCapabilities: ApplicationCapabilities = { v11: true, v12: true, v13: true, v142: true, v20: false };

/** A channel of Org1MSP and Org2MSP. */
export function validationContext(
  ledgerOfMaps: MapLedger,
  capabilities: Partial<ApplicationCapabilities> = {},
): ValidationContext {
  const resources: ChannelResources = {
    channelId: testChannel,
    config: new common.Config(),
    sequence: 0,
    deserializer: namedIdentities,
    policies: { getPolicy: () => undefined },
    application: {
      capabilities: { ...allCapabilities, ...capabilities },
      mspIds: ['Org1MSP', 'Org2MSP'],
      acls: new Map(),
    },
    orderer: {
      consensusType: 'solo',
      maxMessageCount: 1,
      absoluteMaxBytes: 1,
      preferredMaxBytes: 1,
      batchTimeoutMs: 1,
    },
    ordererAddresses: [],
    ordererTlsRoots: [],
  };
  return { resources, ledger: ledgerOfMaps };
}

/** What is written into one namespace. */
export interface TestWrites {
  readonly namespace: string;
  readonly writes?: Readonly<Record<string, string | Uint8Array>>;
  readonly metadata?: readonly string[];
  readonly collection?: {
    readonly name: string;
    readonly writes?: readonly string[];
    readonly metadata?: readonly string[];
  };
}

/** Marshalled TxReadWriteSet. */
export function readWriteSet(all: readonly TestWrites[]): Uint8Array {
  const set = new ledger.rwset.TxReadWriteSet();
  set.setNsRwsetList(all.map(namespaceSet));
  return set.serializeBinary();
}

const { kvrwset } = ledger.rwset;

function namespaceSet(one: TestWrites): ledger.rwset.NsReadWriteSet {
  const values = new kvrwset.KVRWSet();
  for (const [key, value] of Object.entries(one.writes ?? {})) {
    const write = values.addWrites();
    write.setKey(key);
    write.setValue(typeof value === 'string' ? Buffer.from(value) : value);
  }
  for (const key of one.metadata ?? []) values.addMetadataWrites().setKey(key);
  const namespace = new ledger.rwset.NsReadWriteSet();
  namespace.setNamespace(one.namespace);
  namespace.setRwset(values.serializeBinary());
  if (one.collection) {
    const hashed = new kvrwset.HashedRWSet();
    for (const hash of one.collection.writes ?? []) hashed.addHashedWrites().setKeyHash(Buffer.from(hash));
    for (const hash of one.collection.metadata ?? [])
      hashed.addMetadataWrites().setKeyHash(Buffer.from(hash));
    const collection = namespace.addCollectionHashedRwset();
    collection.setCollectionName(one.collection.name);
    collection.setHashedRwset(hashed.serializeBinary());
  }
  return namespace;
}

/** All that a transaction is made of; what is left out is in order. */
export interface TestTransaction {
  readonly chaincode?: string;
  readonly version?: string;
  readonly writes?: readonly TestWrites[];
  readonly args?: readonly (string | Uint8Array)[];
  readonly creator?: string;
  readonly endorsers?: readonly string[];
  readonly nonce?: string;
  /** Changes the messages before they are marshalled and signed. */
  readonly channelHeader?: (header: common.ChannelHeader) => void;
  readonly signatureHeader?: (header: common.SignatureHeader) => void;
  readonly extension?: Uint8Array;
  readonly action?: (action: peer.ChaincodeAction) => void;
  readonly actionBytes?: Uint8Array;
  readonly responsePayload?: (payload: peer.ProposalResponsePayload) => void;
  readonly endorsements?: (list: peer.Endorsement[]) => peer.Endorsement[];
  readonly transaction?: (transaction: peer.Transaction) => void;
  readonly payload?: (payload: common.Payload) => void;
  readonly envelope?: (envelope: common.Envelope) => void;
}

let nonces = 0;

/** The txid that belongs to a nonce and a creator. */
export function txIdOf(nonce: Uint8Array, creator: Uint8Array): string {
  return createHash('sha256').update(nonce).update(creator).digest('hex');
}

/** A signed and endorsed envelope. */
export function transaction(options: TestTransaction = {}): Uint8Array {
  const creator = options.creator ?? 'Org1MSP/alice';
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(who(creator));
  signatureHeader.setNonce(Buffer.from(options.nonce ?? `nonce ${++nonces}`));
  options.signatureHeader?.(signatureHeader);

  const header = new common.Header();
  header.setChannelHeader(channelHeaderOf(options, signatureHeader).serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const payload = new common.Payload();
  payload.setHeader(header);
  payload.setData(transactionOf(options, header).serializeBinary());
  options.payload?.(payload);

  const envelope = new common.Envelope();
  envelope.setPayload(payload.serializeBinary());
  envelope.setSignature(signatureOf(creator, envelope.getPayload_asU8()));
  options.envelope?.(envelope);
  return envelope.serializeBinary();
}

function channelHeaderOf(
  options: TestTransaction,
  signatureHeader: common.SignatureHeader,
): common.ChannelHeader {
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.ENDORSER_TRANSACTION);
  header.setChannelId(testChannel);
  header.setTxId(txIdOf(signatureHeader.getNonce_asU8(), signatureHeader.getCreator_asU8()));
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId(options.chaincode ?? 'cc'));
  header.setExtension$(options.extension ?? extension.serializeBinary());
  options.channelHeader?.(header);
  return header;
}

function transactionOf(options: TestTransaction, header: common.Header): peer.Transaction {
  const proposalPayload = proposalPayloadOf(options);
  const response = new peer.ProposalResponsePayload();
  response.setProposalHash(
    createHash('sha256')
      .update(header.getChannelHeader_asU8())
      .update(header.getSignatureHeader_asU8())
      .update(proposalPayload)
      .digest(),
  );
  response.setExtension$(options.actionBytes ?? actionOf(options).serializeBinary());
  options.responsePayload?.(response);
  const responseBytes = response.serializeBinary();

  const endorsed = new peer.ChaincodeEndorsedAction();
  endorsed.setProposalResponsePayload(responseBytes);
  const endorsements = (options.endorsers ?? ['Org1MSP/peer0']).map((name) =>
    endorsement(name, responseBytes),
  );
  endorsed.setEndorsementsList(options.endorsements?.(endorsements) ?? endorsements);
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(proposalPayload);
  actionPayload.setAction(endorsed);
  const result = new peer.Transaction();
  const action = result.addActions();
  action.setHeader(header.getSignatureHeader_asU8());
  action.setPayload(actionPayload.serializeBinary());
  options.transaction?.(result);
  return result;
}

function actionOf(options: TestTransaction): peer.ChaincodeAction {
  const action = new peer.ChaincodeAction();
  const chaincode = options.chaincode ?? 'cc';
  action.setResults(readWriteSet(options.writes ?? [{ namespace: chaincode, writes: { k: 'v' } }]));
  const id = chaincodeId(chaincode);
  id.setVersion(options.version ?? '1.0');
  action.setChaincodeId(id);
  options.action?.(action);
  return action;
}

function proposalPayloadOf({ chaincode = 'cc', args = ['put'] }: TestTransaction): Uint8Array {
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((arg) => (typeof arg === 'string' ? Buffer.from(arg) : arg)));
  const spec = new peer.ChaincodeSpec();
  spec.setChaincodeId(chaincodeId(chaincode));
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload.serializeBinary();
}

/** One endorsement of this response by this identity. */
export function endorsement(name: string, responseBytes: Uint8Array): peer.Endorsement {
  const one = new peer.Endorsement();
  one.setEndorser(who(name));
  one.setSignature(signatureOf(name, Buffer.concat([responseBytes, who(name)])));
  return one;
}

function chaincodeId(name: string): peer.ChaincodeID {
  const id = new peer.ChaincodeID();
  id.setName(name);
  return id;
}

/** A block of these transactions, without signatures. */
export function blockOf(number: number, transactions: readonly Uint8Array[]): common.Block {
  const header = new common.BlockHeader();
  header.setNumber(number);
  const data = new common.BlockData();
  data.setDataList([...transactions]);
  const block = new common.Block();
  block.setHeader(header);
  block.setData(data);
  return block;
}
