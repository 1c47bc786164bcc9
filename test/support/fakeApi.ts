import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import 'reflect-metadata';
import { LaunchCa } from '../../src/chaincode/launchCa.js';
import type { ClusterAccess } from '../../src/k8s/client/clusterAccess.js';

/** One request that the fake API server has got. */
export interface Got {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: string;
}

type Answer = (got: Got, response: ServerResponse) => unknown;

/** An API server for what the real one cannot do on demand: fall silent, cut, expire, refuse. */
export class FakeApi {
  readonly requests: Got[] = [];
  #server!: Server;
  #ca = '';
  answer: Answer = (_got, response) => void response.writeHead(404).end('{}');

  async start(): Promise<this> {
    const ca = await LaunchCa.create();
    const { certPem, keyPem } = await ca.issueServerCert('127.0.0.1');
    this.#ca = ca.certPem;
    this.#server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
      void this.#serve(request, response);
    });
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return this;
  }

  get url(): string {
    const address = this.#server.address();
    return `https://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  }

  access(authorization: ClusterAccess['authorization'] = async () => 'Bearer t'): ClusterAccess {
    return { server: this.url, namespace: 'fabric', tls: { ca: this.#ca }, authorization };
  }

  /** Closes every connection at once, as a restart would. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((done) => this.#server.close(done));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const got: Got = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      authorization: request.headers.authorization,
      body: Buffer.concat(chunks).toString(),
    };
    this.requests.push(got);
    await this.answer(got, response);
  }
}
