import { LauncherError, messageOf, wrap } from '../errors.js';
import type { ChaincodeStream, StreamSession } from '../launcher/stream.js';
import { decode, peer } from '../protos/index.js';
import { parseInstance } from './instance.js';
import { newMessage, shortTxId, Type, typeName } from './messages.js';
import { requestHandlers } from './requests/dispatch.js';
import type { RequestHandler } from './requests/call.js';
import { targetOf } from './requests/invokeChaincode.js';
import type { HandlerServices } from './services.js';
import { contextKey, TransactionContext } from './transactionContext.js';
import type { ExecutionParams } from './transactionContext.js';

/** created → ready (at REGISTER, in one step) → ended. */
type State = 'created' | 'ready' | 'ended';

/** Where a handler enters its name. Implemented by HandlerRegistry. */
export interface HandlerDirectory {
  /** Throws when the name is taken or was not asked for. */
  register(cname: string, handler: Handler): void;
  ready(cname: string): void;
  /** The handler's stream is over. */
  forget(cname: string, handler: Handler): void;
}

/** One request under way, for its answer and its metrics. */
interface Request {
  readonly name: string;
  readonly channelId: string;
  readonly txId: string;
  /** performance.now() when it came. */
  readonly began: number;
}

/** The peer's side of one chaincode stream (contract 2). */
export class Handler implements StreamSession {
  readonly #stream: ChaincodeStream;
  readonly #registry: HandlerDirectory;
  readonly #services: HandlerServices;
  readonly #contexts = new Map<string, TransactionContext>();
  #state: State = 'created';
  /** `‹n›:‹v›` as the chaincode registered; '' iff it has not registered. */
  #cname = '';
  /** The ledger namespace: the name without the version. */
  #namespace = '';
  #keepalive: NodeJS.Timeout | undefined;
  /** Empty whenever no transaction is under way. */
  readonly #whenIdle: (() => void)[] = [];

  constructor(stream: ChaincodeStream, registry: HandlerDirectory, services: HandlerServices) {
    this.#stream = stream;
    this.#registry = registry;
    this.#services = services;
  }

  get cname(): string {
    return this.#cname;
  }

  /** Transactions that the chaincode works on now. */
  get pendingTransactions(): number {
    return this.#contexts.size;
  }

  /** Resolves when the chaincode works on nothing. Bounded: each transaction ends by its execute timeout. */
  idle(): Promise<void> {
    if (this.#contexts.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  receive(message: peer.ChaincodeMessage): void {
    const type = message.getType();
    if (type === Type.KEEPALIVE || this.#state === 'ended') return;
    if (this.#state === 'created') {
      if (type === Type.REGISTER) this.#register(message);
      else this.#refuse(message);
      return;
    }
    if (type === Type.COMPLETED || type === Type.ERROR) {
      this.#answered(message);
      return;
    }
    const handler = requestHandlers.get(type);
    if (handler) this.#serve(message, type, handler);
    else this.#refuse(message);
  }

  closed(reason?: Error): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearInterval(this.#keepalive);
    if (reason)
      this.#services.logger.debug({ chaincode: this.#cname, err: reason }, 'chaincode stream broke');
    if (this.#cname !== '') this.#registry.forget(this.#cname, this);
    for (const context of this.#contexts.values()) {
      context.reject(new LauncherError('chaincode stream terminated'));
    }
    this.#contexts.clear();
    this.#wakeIfIdle();
  }

  /** Ends the stream from this side, and all that waits on it. */
  close(reason?: Error): void {
    if (this.#state === 'ended') return;
    this.closed(reason);
    this.#stream.end(reason);
  }

  /**
   * Sends INIT or TRANSACTION and waits for the chaincode's COMPLETED or ERROR (contract 2.5). Rejects with
   * `txid: ‹txid›(‹channel›) exists`, `timeout expired while executing transaction`, `chaincode stream terminated`.
   */
  execute(
    params: ExecutionParams,
    message: peer.ChaincodeMessage,
    timeoutMs: number,
  ): Promise<peer.ChaincodeMessage> {
    return new Promise((resolve, reject) => {
      const { channelId, txId, proposal, signedProposal } = params;
      const key = contextKey(channelId, txId);
      if (this.#contexts.has(key)) throw new LauncherError(`txid: ${txId}(${channelId}) exists`);
      if (proposal && !signedProposal) {
        throw new LauncherError('failed getting proposal context. Signed proposal is nil');
      }
      if (this.#state === 'ended') throw new LauncherError('chaincode stream terminated');
      if (proposal) message.setProposal(signedProposal);

      const timer = setTimeout(() => this.#expire(key), timeoutMs);
      const context = new TransactionContext(
        params,
        message.getType() === Type.INIT,
        (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        (error) => {
          clearTimeout(timer);
          reject(error);
        },
      );
      this.#contexts.set(key, context);
      this.#send(message);
    });
  }

  #wakeIfIdle(): void {
    if (this.#whenIdle.length === 0 || this.#contexts.size > 0) return;
    for (const wake of this.#whenIdle.splice(0)) wake();
  }

  #expire(key: string): void {
    const context = this.#contexts.get(key);
    if (!context) return;
    this.#contexts.delete(key);
    this.#wakeIfIdle();
    this.#services.metrics.executeTimedOut(this.#cname);
    context.reject(new LauncherError('timeout expired while executing transaction'));
  }

  /** REGISTER → REGISTERED, READY; or the stream ends with the reason, and the name's rightful owner stays as it was. */
  #register(message: peer.ChaincodeMessage): void {
    let cname: string;
    try {
      cname = decode(peer.ChaincodeID, message.getPayload_asU8(), 'ChaincodeID').getName();
      this.#registry.register(cname, this);
    } catch (error) {
      this.#services.logger.warn({ err: error }, `chaincode registration refused: ${messageOf(error)}`);
      this.close(wrap('error handling message, ending stream', error));
      return;
    }
    this.#cname = cname;
    this.#namespace = parseInstance(cname).name;
    this.#state = 'ready';
    if (!this.#sendOrEnd(newMessage(Type.REGISTERED)) || !this.#sendOrEnd(newMessage(Type.READY))) return;
    this.#registry.ready(cname);
    this.#keepChaincodeAwake();
  }

  #keepChaincodeAwake(): void {
    const { keepaliveMs } = this.#services;
    if (keepaliveMs <= 0) return;
    this.#keepalive = setInterval(() => this.#sendOrEnd(newMessage(Type.KEEPALIVE)), keepaliveMs);
  }

  #refuse(message: peer.ChaincodeMessage): void {
    const text = `[${message.getTxid()}] Fabric side handler cannot handle message (${typeName(message.getType())}) while in ${this.#state} state`;
    const error = wrap('error handling message, ending stream', new LauncherError(text));
    this.#services.logger.error({ chaincode: this.#cname }, error.message);
    this.close(error);
  }

  #answered(message: peer.ChaincodeMessage): void {
    const key = contextKey(message.getChannelId(), message.getTxid());
    const context = this.#contexts.get(key);
    if (!context) {
      this.#services.logger.debug({ chaincode: this.#cname, txId: message.getTxid() }, 'late answer dropped');
      return;
    }
    this.#contexts.delete(key);
    this.#wakeIfIdle();
    context.resolve(message);
  }

  #serve(message: peer.ChaincodeMessage, type: number, handler: RequestHandler): void {
    const channelId = message.getChannelId();
    const txId = message.getTxid();
    const request: Request = { name: typeName(type), channelId, txId, began: performance.now() };
    this.#services.metrics.requestReceived(request.name, channelId, this.#cname);
    let context: TransactionContext;
    try {
      context = this.#admit(message, type, this.#contexts.get(contextKey(channelId, txId)));
    } catch (error) {
      this.#fail(request, error);
      return;
    }
    context.requestPending = true;
    try {
      const payload = message.getPayload_asU8();
      const call = {
        payload,
        channelId,
        txId,
        context,
        namespace: this.#namespace,
        services: this.#services,
      };
      const result = handler(call);
      if (result instanceof Promise) {
        result.then(
          (answer) => this.#succeed(request, answer, context),
          (error: unknown) => this.#fail(request, error, context),
        );
      } else this.#succeed(request, result, context);
    } catch (error) {
      this.#fail(request, error, context);
    }
  }

  #succeed(request: Request, payload: Uint8Array, context: TransactionContext): void {
    // The mark goes before the answer does: the chaincode may ask again at once.
    context.requestPending = false;
    this.#count(request, true);
    this.#sendOrEnd(newMessage(Type.RESPONSE, payload, request.txId, request.channelId));
  }

  /** @param context the transaction whose request this was; absent when it was not let in */
  #fail(request: Request, error: unknown, context?: TransactionContext): void {
    if (context) context.requestPending = false;
    const { name, txId, channelId } = request;
    const text = `${name} failed: transaction ID: ${txId}: ${messageOf(error)}`;
    this.#services.logger.debug({ chaincode: this.#cname, err: error }, text);
    this.#count(request, false);
    this.#sendOrEnd(newMessage(Type.ERROR, Buffer.from(text), txId, channelId));
  }

  #count({ name, channelId, began }: Request, success: boolean): void {
    const seconds = (performance.now() - began) / 1000;
    this.#services.metrics.requestCompleted(name, channelId, this.#cname, success, seconds);
  }

  /** The transaction that a request belongs to, when it may be served. */
  #admit(
    message: peer.ChaincodeMessage,
    type: number,
    context: TransactionContext | undefined,
  ): TransactionContext {
    // Fabric drops a second request without a word, and its sender waits until the execute timeout.
    if (context?.requestPending) throw new LauncherError('another request of this transaction is pending');
    if (context?.params.txSimulator) return context;
    if (type !== Type.INVOKE_CHAINCODE) throw new LauncherError('no ledger context');
    if (message.getChannelId() !== '' || !this.#targetsSystemChaincode(message)) {
      throw new LauncherError('could not get valid transaction');
    }
    if (!context) throw new LauncherError('failed to get transaction context');
    return context;
  }

  #targetsSystemChaincode(message: peer.ChaincodeMessage): boolean {
    let spec: peer.ChaincodeSpec;
    try {
      spec = peer.ChaincodeSpec.deserializeBinary(message.getPayload_asU8());
    } catch (error) {
      throw wrap('unmarshal failed', error);
    }
    return this.#services.systemChaincodes.isSystemChaincode(targetOf(spec, '').name);
  }

  /** INIT or TRANSACTION: what cannot be sent fails its own transaction, and the stream. */
  #send(message: peer.ChaincodeMessage): void {
    try {
      this.#stream.send(message);
    } catch (error) {
      const txId = message.getTxid();
      const text = `[${shortTxId(txId)}] error sending ${typeName(message.getType())}: ${messageOf(error)}`;
      this.#answered(newMessage(Type.ERROR, Buffer.from(text), txId, message.getChannelId()));
      this.close(wrap('received error while sending message, ending chaincode support stream', error));
    }
  }

  #sendOrEnd(message: peer.ChaincodeMessage): boolean {
    if (this.#state === 'ended') return false;
    try {
      this.#stream.send(message);
      return true;
    } catch (error) {
      this.close(wrap('received error while sending message, ending chaincode support stream', error));
      return false;
    }
  }
}
