import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Lets TCP in to a Unix socket, as a remote engine without TLS would listen. */
export class TcpDoor {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  /** @returns the endpoint: `tcp://127.0.0.1:‹port›` */
  async open(socketPath: string): Promise<string> {
    const server = createServer({ allowHalfOpen: true }, (outer) => {
      const inner = createConnection({ path: socketPath, allowHalfOpen: true });
      for (const [one, other] of [
        [outer, inner],
        [inner, outer],
      ] as const) {
        this.#sockets.add(one);
        one.pipe(other);
        one.once('error', () => other.destroy());
        one.once('close', () => {
          this.#sockets.delete(one);
          other.end();
        });
      }
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server?.close(done));
  }
}
