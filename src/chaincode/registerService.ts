import type { ServerDuplexStream, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { LauncherError, messageOf } from '../errors.js';
import type { ChaincodeStream, ChaincodeStreamHandler, StreamSession } from '../launcher/stream.js';
import type { Logger } from '../ops/log.js';
import { peer } from '../protos/index.js';
import type { CertAuth } from './certAuth.js';
import { RegistrationRefused } from './certAuth.js';
import { Type } from './messages.js';

type RegisterCall = ServerDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>;

export interface RegisterServiceOptions {
  readonly handler: ChaincodeStreamHandler;
  /** Present iff TLS is on: proves the name by the client certificate. */
  readonly auth?: CertAuth;
  readonly logger: Logger;
  /** A stream that has not registered by then is ended, in milliseconds. @default 60 s */
  readonly registerTimeoutMs?: number;
}

/** What a grpc-js server is given with addService. */
export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/**
 * `protos.ChaincodeSupport`, without the stub's copies of every message: a frame is decoded where it lies, and what was
 * encoded is sent as it is.
 */
const definition = {
  register: {
    ...peer.ChaincodeSupportService.register,
    requestDeserialize: (bytes: Buffer) => peer.ChaincodeMessage.deserializeBinary(bytes),
    responseSerialize: (message: peer.ChaincodeMessage) => asBuffer(message.serializeBinary()),
  },
};

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The service on which chaincode registers (contract 2, 4). */
export function registerService(options: RegisterServiceOptions): GrpcService {
  return {
    definition,
    implementation: { register: (call: RegisterCall) => new RegisterStream(call, options) },
  };
}

/** One gRPC stream: watches the first message, then passes everything on to the handler. */
class RegisterStream implements ChaincodeStream {
  readonly #call: RegisterCall;
  readonly #session: StreamSession;
  readonly #options: RegisterServiceOptions;
  readonly #timer: NodeJS.Timeout;
  #registered = false;
  #open = true;

  constructor(call: RegisterCall, options: RegisterServiceOptions) {
    this.#call = call;
    this.#options = options;
    this.#session = options.handler.open(this);
    this.#timer = setTimeout(
      () => this.#refuse(new LauncherError('no register message in time, closing connection')),
      options.registerTimeoutMs ?? 60_000,
    );
    call.on('data', (message: peer.ChaincodeMessage) => this.#receive(message));
    call.on('end', () => this.#closed(undefined));
    call.on('cancelled', () => this.#closed(new LauncherError('receive failed: stream cancelled')));
    call.on('error', (error: Error) => this.#closed(error));
  }

  send(message: peer.ChaincodeMessage): void {
    if (!this.#open) throw new LauncherError('stream is closed');
    this.#call.write(message);
  }

  end(error?: Error): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#timer);
    if (error) this.#call.emit('error', { code: status.UNKNOWN, details: error.message });
    else this.#call.end();
  }

  #receive(message: peer.ChaincodeMessage): void {
    if (!this.#registered) {
      try {
        this.#authenticate(message);
      } catch (error) {
        this.#refuse(error);
        return;
      }
      this.#registered = true;
      clearTimeout(this.#timer);
    }
    this.#session.receive(message);
  }

  /** With TLS the first message must be a REGISTER under a name that the certificate proves. */
  #authenticate(message: peer.ChaincodeMessage): void {
    const { auth } = this.#options;
    if (!auth) return;
    if (message.getType() !== Type.REGISTER)
      throw new RegistrationRefused('First message needs to be a register');
    const name = peer.ChaincodeID.deserializeBinary(message.getPayload_asU8()).getName();
    auth.check(name, this.#call.getAuthContext().sslPeerCertificate?.raw);
  }

  #refuse(cause: unknown): void {
    const error = cause instanceof Error ? cause : new LauncherError(messageOf(cause));
    this.#options.logger.warn({ peer: this.#call.getPeer(), err: error }, error.message);
    this.#session.closed(error);
    this.end(error);
  }

  /** The chaincode's side is over, or the connection is: both ends go. */
  #closed(reason: Error | undefined): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#timer);
    this.#session.closed(reason);
    this.#call.end();
  }
}
