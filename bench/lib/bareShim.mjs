// The bare other side of a shim: accepts one chaincode, answers REGISTER, and can drive a loop of transactions.
// It is the ceiling for whatever a peer adds: no proposal, no ledger, no checks.
import grpc from '@grpc/grpc-js';
import fabric from '@hyperledger/fabric-protos';

const { peer } = fabric;
const { Type } = peer.ChaincodeMessage;

export class BareShim {
  #server = new grpc.Server();
  #stream;
  #waiting = new Map();
  #registered;
  #onRegistered;

  constructor() {
    this.#registered = new Promise((resolve) => (this.#onRegistered = resolve));
    this.#server.addService(peer.ChaincodeSupportService, { register: (stream) => this.#serve(stream) });
  }

  /** Binds mutual TLS like the chaincode listener does; resolves with the port. */
  start({ ca, cert, key }) {
    const credentials = grpc.ServerCredentials.createSsl(ca, [{ cert_chain: cert, private_key: key }], true);
    return new Promise((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  /** Resolves when the chaincode has sent REGISTER. */
  get registered() {
    return this.#registered;
  }

  #serve(stream) {
    this.#stream = stream;
    stream.on('error', () => undefined);
    stream.on('data', (message) => {
      if (message.getType() === Type.REGISTER) {
        stream.write(messageOf(Type.REGISTERED));
        stream.write(messageOf(Type.READY));
        this.#onRegistered();
        return;
      }
      if (message.getType() === Type.GET_STATE) {
        stream.write(messageOf(Type.RESPONSE, message.getTxid(), message.getChannelId()));
        return;
      }
      this.#waiting.get(message.getTxid())?.();
      this.#waiting.delete(message.getTxid());
    });
  }

  /** One TRANSACTION with the input of a real signed proposal. */
  transaction(signedProposal, txId, channel, input) {
    const message = messageOf(Type.TRANSACTION, txId, channel);
    message.setPayload(input);
    message.setProposal(signedProposal);
    return new Promise((resolve) => {
      this.#waiting.set(txId, resolve);
      this.#stream.write(message);
    });
  }

  stop() {
    this.#server.forceShutdown();
  }
}

function messageOf(type, txId = '', channel = '') {
  const message = new peer.ChaincodeMessage();
  message.setType(type);
  message.setTxid(txId);
  message.setChannelId(channel);
  return message;
}
