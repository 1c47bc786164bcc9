import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on 127.0.0.1 whose connections can fall silent without closing, as a dead network path does. */
export class CuttableProxy {
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** @param target https URL of the API server */
  constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((inner) => {
      const outer = connect(Number(this.#target.port || 443), this.#target.hostname);
      for (const socket of [inner, outer]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => this.#sockets.delete(socket));
      }
      inner.pipe(outer).pipe(inner);
    });
  }

  /** Resolves with the URL to use in the target's place. */
  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    const address = this.#server.address();
    return `https://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  /** From now on nothing passes on the connections that exist; they stay open. New ones work. */
  silence(): number {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }
}
