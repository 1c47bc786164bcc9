// A lean Fabric client, so that what is measured is the endorser: proposals are built and signed before the clock starts.
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import fabric from '@hyperledger/fabric-protos';
import { timestampOf } from '../../dist/protos/timestamp.js';

const { common, msp, orderer, peer } = fabric;
const curveOrder = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/** A signing identity of an MSP directory (signcerts, keystore). */
export class ClientIdentity {
  constructor(mspDir, mspId) {
    const only = (folder) => readFileSync(join(mspDir, folder, readdirSync(join(mspDir, folder))[0]));
    this.key = createPrivateKey(only('keystore'));
    const serialized = new msp.SerializedIdentity();
    serialized.setMspid(mspId);
    serialized.setIdBytes(only('signcerts'));
    this.serialized = serialized.serializeBinary();
  }

  /** Low-S DER signature, as Fabric demands. */
  sign(bytes) {
    const raw = sign('sha256', bytes, { key: this.key, dsaEncoding: 'ieee-p1363' });
    const r = BigInt(`0x${raw.subarray(0, 32).toString('hex')}`);
    let s = BigInt(`0x${raw.subarray(32).toString('hex')}`);
    if (s > curveOrder / 2n) s = curveOrder - s;
    const body = Buffer.concat([derInteger(r), derInteger(s)]);
    return Buffer.concat([Buffer.from([0x30, body.length]), body]);
  }
}

function derInteger(value) {
  let hex = value.toString(16);
  if (hex.length % 2) hex = `0${hex}`;
  let bytes = Buffer.from(hex, 'hex');
  if (bytes[0] & 0x80) bytes = Buffer.concat([Buffer.from([0]), bytes]);
  return Buffer.concat([Buffer.from([2, bytes.length]), bytes]);
}

/** Builds and signs one proposal; `args` are strings or bytes. */
export function signedProposal(identity, { channel, chaincode, args }) {
  const nonce = randomBytes(24);
  const txId = createHash('sha256').update(nonce).update(identity.serialized).digest('hex');
  const chaincodeId = new peer.ChaincodeID();
  chaincodeId.setName(chaincode);
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId);
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.ENDORSER_TRANSACTION);
  channelHeader.setTimestamp(timestampOf(new Date()));
  channelHeader.setChannelId(channel);
  channelHeader.setTxId(txId);
  channelHeader.setExtension$(extension.serializeBinary());
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(identity.serialized);
  signatureHeader.setNonce(nonce);
  const header = new common.Header();
  header.setChannelHeader(channelHeader.serializeBinary());
  header.setSignatureHeader(signatureHeader.serializeBinary());
  const input = new peer.ChaincodeInput();
  input.setArgsList(args.map((arg) => Buffer.from(arg)));
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.GOLANG);
  spec.setChaincodeId(chaincodeId);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  const proposal = new peer.Proposal();
  proposal.setHeader(header.serializeBinary());
  proposal.setPayload(payload.serializeBinary());
  const signed = new peer.SignedProposal();
  signed.setProposalBytes(proposal.serializeBinary());
  signed.setSignature(identity.sign(signed.getProposalBytes_asU8()));
  return { signed, txId, header, signatureHeader, payload };
}

/** The transaction that an endorsed proposal becomes. */
export function envelope(identity, proposal, response) {
  const action = new peer.ChaincodeEndorsedAction();
  action.setProposalResponsePayload(response.getPayload_asU8());
  action.addEndorsements(response.getEndorsement());
  const actionPayload = new peer.ChaincodeActionPayload();
  actionPayload.setChaincodeProposalPayload(proposal.payload.serializeBinary());
  actionPayload.setAction(action);
  const transactionAction = new peer.TransactionAction();
  transactionAction.setHeader(proposal.signatureHeader.serializeBinary());
  transactionAction.setPayload(actionPayload.serializeBinary());
  const transaction = new peer.Transaction();
  transaction.addActions(transactionAction);
  const payload = new common.Payload();
  payload.setHeader(proposal.header);
  payload.setData(transaction.serializeBinary());
  const result = new common.Envelope();
  result.setPayload(payload.serializeBinary());
  result.setSignature(identity.sign(result.getPayload_asU8()));
  return result;
}

/** Endorser, orderer and deliver connections of one peer. */
export class FabricClient {
  constructor({ endorser, orderer: ordererAddress, peerTlsCa, ordererTlsCa, identity, channel }) {
    this.identity = identity;
    this.channel = channel;
    const options = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
    const tls = (file) => grpc.credentials.createSsl(readFileSync(file));
    this.endorser = new peer.EndorserClient(endorser, tls(peerTlsCa), options);
    this.deliver = new peer.DeliverClient(endorser, tls(peerTlsCa), options);
    this.broadcaster = new orderer.AtomicBroadcastClient(ordererAddress, tls(ordererTlsCa), options);
  }

  build(chaincode, args, channel = this.channel) {
    return signedProposal(this.identity, { channel, chaincode, args });
  }

  send(proposal, timeoutMs = 120_000) {
    return new Promise((resolve, reject) => {
      this.endorser.processProposal(
        proposal.signed,
        new grpc.Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error, response) => (error ? reject(error) : resolve(response)),
      );
    });
  }

  /** Sends a proposal and throws unless it was answered with a status below 400. */
  async endorse(chaincode, args, channel = this.channel) {
    const proposal = this.build(chaincode, args, channel);
    const response = await this.send(proposal);
    assertOk(response);
    return { proposal, response };
  }

  broadcast(message) {
    return new Promise((resolve, reject) => {
      const stream = this.broadcaster.broadcast();
      stream.on('data', (answer) => {
        stream.end();
        if (answer.getStatus() === common.Status.SUCCESS) resolve();
        else reject(new Error(`orderer answered ${answer.getStatus()} ${answer.getInfo()}`));
      });
      stream.on('error', reject);
      stream.write(message);
    });
  }

  async submit(chaincode, args) {
    const { proposal, response } = await this.endorse(chaincode, args);
    await this.broadcast(envelope(this.identity, proposal, response));
    return proposal.txId;
  }

  /** Waits until the peer answers qscc with the transaction. */
  async committed(txId, timeoutMs = 30_000) {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const response = await this.send(this.build('qscc', ['GetTransactionByID', this.channel, txId]));
      if (response.getResponse().getStatus() === 200) return;
      if (Date.now() > end) throw new Error(`transaction ${txId} is not committed after ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  close() {
    this.endorser.close();
    this.deliver.close();
    this.broadcaster.close();
  }
}

export function assertOk(response) {
  const status = response.getResponse().getStatus();
  if (status >= 400) throw new Error(`status ${status}: ${response.getResponse().getMessage()}`);
}
