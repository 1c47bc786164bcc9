import { LauncherError } from '../../errors.js';
import { decode, ledger, peer } from '../../protos/index.js';
import type { SystemChaincodeStub } from './types.js';

const { Type } = peer.ChaincodeMessage;

type MessageType = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap];

/** The stub of one transaction of a system chaincode: each call is a request on the stream, one at a time. */
export class InprocStub implements SystemChaincodeStub {
  readonly args: readonly Uint8Array[];
  readonly txId: string;
  readonly channelId: string;
  readonly signedProposal: peer.SignedProposal | undefined;
  event: peer.ChaincodeEvent | undefined;
  readonly #send: (message: peer.ChaincodeMessage) => void;
  #queue: Promise<unknown> = Promise.resolve();
  #pending: { resolve: (payload: Uint8Array) => void; reject: (error: Error) => void } | undefined;
  #abandoned = false;

  constructor(message: peer.ChaincodeMessage, send: (message: peer.ChaincodeMessage) => void) {
    this.#send = send;
    this.args = decode(peer.ChaincodeInput, message.getPayload_asU8(), 'ChaincodeInput').getArgsList_asU8();
    this.txId = message.getTxid();
    this.channelId = message.getChannelId();
    this.signedProposal = message.getProposal();
  }

  async getState(key: string): Promise<Uint8Array | undefined> {
    const request = new peer.GetState();
    request.setKey(key);
    const value = await this.#request(Type.GET_STATE, request);
    return value.length === 0 ? undefined : value;
  }

  async putState(key: string, value: Uint8Array): Promise<void> {
    if (key === '') throw new LauncherError('key must not be an empty string');
    const request = new peer.PutState();
    request.setKey(key);
    request.setValue(value);
    await this.#request(Type.PUT_STATE, request);
  }

  async getStateByRange(startKey: string, endKey: string): Promise<{ key: string; value: Uint8Array }[]> {
    const request = new peer.GetStateByRange();
    // As the Go shim does it: composite keys, which begin with a null character, are skipped.
    request.setStartkey(startKey === '' ? '\u0001' : startKey);
    request.setEndkey(endKey);
    const results: { key: string; value: Uint8Array }[] = [];
    let answer = await this.#request(Type.GET_STATE_BY_RANGE, request);
    for (;;) {
      const response = decode(peer.QueryResponse, answer, 'QueryResponse');
      results.push(...response.getResultsList().map(keyValue));
      const id = response.getId();
      if (!response.getHasMore()) {
        const close = new peer.QueryStateClose();
        close.setId(id);
        await this.#request(Type.QUERY_STATE_CLOSE, close);
        return results;
      }
      const next = new peer.QueryStateNext();
      next.setId(id);
      answer = await this.#request(Type.QUERY_STATE_NEXT, next);
    }
  }

  setEvent(name: string, payload: Uint8Array): void {
    if (name === '') throw new LauncherError('event name can not be nil string');
    this.event = new peer.ChaincodeEvent();
    this.event.setEventName(name);
    this.event.setPayload(payload);
  }

  /** The peer's answer to the request under way. */
  answered(message: peer.ChaincodeMessage): void {
    const pending = this.#pending;
    this.#pending = undefined;
    const payload = message.getPayload_asU8();
    if (message.getType() === Type.RESPONSE) pending?.resolve(payload);
    else pending?.reject(new LauncherError(Buffer.from(payload).toString()));
  }

  /** The stream ended: no answer will come. */
  abandon(): void {
    this.#abandoned = true;
    this.#pending?.reject(new LauncherError('channel is closed'));
    this.#pending = undefined;
  }

  #request(type: MessageType, body: { serializeBinary(): Uint8Array }): Promise<Uint8Array> {
    const message = new peer.ChaincodeMessage();
    message.setType(type);
    message.setPayload(body.serializeBinary());
    message.setTxid(this.txId);
    message.setChannelId(this.channelId);
    const ask = (): Promise<Uint8Array> =>
      new Promise((resolve, reject) => {
        if (this.#abandoned) throw new LauncherError('channel is closed');
        this.#pending = { resolve, reject };
        this.#send(message);
      });
    // The peer takes one request at a time of a transaction, so calls made in parallel queue up here.
    const answer = this.#queue.then(ask, ask);
    this.#queue = answer;
    return answer;
  }
}

function keyValue(result: peer.QueryResultBytes): { key: string; value: Uint8Array } {
  const kv = decode(ledger.queryresult.KV, result.getResultbytes_asU8(), 'KV');
  return { key: kv.getKey(), value: kv.getValue_asU8() };
}
