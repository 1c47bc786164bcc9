import { LauncherError, messageOf } from '../../errors.js';
import { peer } from '../../protos/index.js';
import { connectInProcess } from './streamPair.js';
import type { ChaincodeEnd } from './streamPair.js';
import type { ChaincodeStreamHandler } from '../stream.js';
import { InprocStub } from './inprocStub.js';
import type { SystemChaincode } from './types.js';

const { Type } = peer.ChaincodeMessage;

/** Go's shim: a status from here on makes Init fail. */
const errorStatus = 500;

/** The shim of one running system chaincode: speaks the stream protocol as any chaincode does (contract 2). */
export class InprocShim {
  readonly #chaincode: SystemChaincode;
  readonly #stream: ChaincodeEnd;
  readonly #transactions = new Map<string, InprocStub>();

  constructor(cname: string, chaincode: SystemChaincode, handler: ChaincodeStreamHandler, onEnd: () => void) {
    this.#chaincode = chaincode;
    this.#stream = connectInProcess(handler, {
      receive: (message) => this.#receive(message),
      closed: () => {
        for (const stub of this.#transactions.values()) stub.abandon();
        onEnd();
      },
    });
    const id = new peer.ChaincodeID();
    id.setName(cname);
    const register = new peer.ChaincodeMessage();
    register.setType(Type.REGISTER);
    register.setPayload(id.serializeBinary());
    this.#stream.send(register);
  }

  close(): void {
    this.#stream.close();
  }

  #receive(message: peer.ChaincodeMessage): void {
    const type = message.getType();
    if (type === Type.INIT || type === Type.TRANSACTION) void this.#run(message);
    else if (type === Type.RESPONSE || type === Type.ERROR) {
      this.#transactions.get(transactionKey(message))?.answered(message);
    }
  }

  /** Never rejects: whatever the chaincode does, the peer gets one answer. */
  async #run(message: peer.ChaincodeMessage): Promise<void> {
    const key = transactionKey(message);
    const answer = new peer.ChaincodeMessage();
    answer.setTxid(message.getTxid());
    answer.setChannelId(message.getChannelId());
    try {
      const stub = new InprocStub(message, (request) => this.#stream.send(request));
      this.#transactions.set(key, stub);
      await this.#call(message, stub, answer);
    } catch (error) {
      answer.setType(Type.ERROR);
      answer.setPayload(Buffer.from(messageOf(error)));
    }
    this.#transactions.delete(key);
    this.#sendLast(answer);
  }

  async #call(
    message: peer.ChaincodeMessage,
    stub: InprocStub,
    answer: peer.ChaincodeMessage,
  ): Promise<void> {
    const isInit = message.getType() === Type.INIT;
    const response = isInit ? await this.#chaincode.init(stub) : await this.#chaincode.invoke(stub);
    if (isInit && response.getStatus() >= errorStatus) throw new LauncherError(response.getMessage());
    answer.setType(Type.COMPLETED);
    answer.setPayload(response.serializeBinary());
    answer.setChaincodeEvent(stub.event);
  }

  #sendLast(answer: peer.ChaincodeMessage): void {
    try {
      this.#stream.send(answer);
    } catch {
      // The peer ended the stream while the chaincode worked: nobody is left to tell.
    }
  }
}

function transactionKey(message: peer.ChaincodeMessage): string {
  return message.getChannelId() + message.getTxid();
}
