import { createServer, type Server as NetServer, type Socket } from 'node:net';
import {
  Server,
  ServerCredentials,
  type ConnectionInjector,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Registry } from 'prom-client';
import { LauncherError, messageOf } from '../errors.js';
import { maxMessageBytes, serverKeepalive, type Keepalive } from './limits.js';
import { GrpcMetrics } from './metrics.js';
import { instrument } from './methods.js';

/** PEM material of a listener. */
export interface ServerTls {
  readonly cert: Uint8Array;
  readonly key: Uint8Array;
  /** CAs whose client certificates are taken. */
  readonly clientRootCas?: readonly Uint8Array[];
  /** Refuses clients without a certificate of those CAs. @default false */
  readonly clientAuthRequired?: boolean;
}

export interface GrpcServerOptions {
  /** host:port to listen on; port 0 takes a free one. */
  readonly address: string;
  readonly tls?: ServerTls;
  /** @default Fabric's: 2 h, 20 s */
  readonly keepalive?: Keepalive;
  /** Largest message in bytes, both ways. @default 100 MiB */
  readonly maxMessageBytes?: number;
  /** Where grpc_server_* and grpc_comm_conn_* go; servers of one process share one GrpcMetrics. */
  readonly metrics?: Registry | GrpcMetrics;
}

/** One gRPC listener (core/comm: GRPCServer). It owns its socket, so that it can count connections and end them all. */
export class GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #metrics: GrpcMetrics | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #listener: NetServer | undefined;
  #port = 0;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#metrics = metrics && !(metrics instanceof GrpcMetrics) ? new GrpcMetrics(metrics) : metrics;
    const keepalive = options.keepalive ?? serverKeepalive;
    const limit = options.maxMessageBytes ?? maxMessageBytes;
    this.#server = new Server({
      'grpc.max_receive_message_length': limit,
      'grpc.max_send_message_length': limit,
      'grpc.keepalive_time_ms': keepalive.timeMs,
      'grpc.keepalive_timeout_ms': keepalive.timeoutMs,
      'grpc.enable_channelz': 0,
    });
  }

  /** host:port that clients on this machine can dial; valid after start. */
  get address(): string {
    const { host } = splitAddress(this.#options.address);
    return `${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }

  /** The bound port; 0 before start. */
  get port(): number {
    return this.#port;
  }

  addService(definition: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    const service = instrument({ definition, implementation }, this.#metrics);
    this.#server.addService(service.definition, service.implementation);
  }

  /** Listens. Rejects with `failed to listen on ‹address›: ‹why›`. @returns the bound port */
  start(): Promise<number> {
    if (this.#listener) throw new LauncherError(`already listening on ${this.address}`);
    const { host, port } = splitAddress(this.#options.address);
    const injector = this.#server.createConnectionInjector(this.#credentials());
    const listener = createServer({ noDelay: true }, (socket) => this.#accept(socket, injector));
    this.#listener = listener;
    return new Promise((resolve, reject) => {
      listener.once('error', (error) => {
        this.#listener = undefined;
        const text = `failed to listen on ${this.#options.address}: ${messageOf(error)}`;
        reject(new LauncherError(text, { cause: error }));
      });
      listener.listen({ host, port }, () => {
        const bound = listener.address();
        this.#port = typeof bound === 'object' && bound ? bound.port : port;
        resolve(this.#port);
      });
    });
  }

  /** Takes no more calls, lets those that run end within `graceMs`, then cuts what is left. May be called twice. */
  async stop(graceMs: number): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (!listener) return;
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    // Its callback comes too early on Node.js 24, where closing the server closes the sessions: the sockets tell.
    this.#server.tryShutdown(() => undefined);
    await this.#connectionsEnd(graceMs);
    this.#server.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Resolves when no connection is left, at the latest after `withinMs`. */
  async #connectionsEnd(withinMs: number): Promise<void> {
    const ended = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, withinMs)));
    await Promise.race([Promise.all(ended), patience]);
    clearTimeout(timer);
  }

  #accept(socket: Socket, injector: ConnectionInjector): void {
    this.#sockets.add(socket);
    this.#metrics?.connectionOpened();
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#metrics?.connectionClosed();
    });
    // A client that vanishes is no error of ours; 'close' follows.
    socket.on('error', () => undefined);
    injector.injectConnection(socket);
  }

  #credentials(): ServerCredentials {
    const { tls } = this.#options;
    if (!tls) return ServerCredentials.createInsecure();
    const roots = tls.clientRootCas ?? [];
    return ServerCredentials.createSsl(
      roots.length > 0 ? Buffer.concat(roots.flatMap((root) => [root, Buffer.from('\n')])) : null,
      [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }],
      tls.clientAuthRequired ?? false,
    );
  }
}

/** `host:port`, `[v6]:port` or `:port`. */
function splitAddress(address: string): { host: string; port: number } {
  const cut = address.lastIndexOf(':');
  const port = Number(address.slice(cut + 1));
  if (cut < 0 || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new LauncherError(`invalid listen address ${address}: expected host:port`);
  }
  const host = address.slice(0, cut).replace(/^\[(.*)\]$/, '$1');
  return { host: host === '' ? '0.0.0.0' : host, port };
}
