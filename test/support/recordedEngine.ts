import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import type { Duplex } from 'node:stream';
import { recordedBytes, type RecordedBody, type RecordedRequest } from './dockerRecording.js';

/** A request that was sent to the engine. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Buffer;
}

const emptyTar = Buffer.alloc(1024);

/** `METHOD /path?a=1&b=2` with its parameters in order: what a request asks for, however it is spelled. */
export function callOf({ method, path }: { readonly method: string; readonly path: string }): string {
  const url = new URL(path, 'http://engine');
  url.searchParams.sort();
  const query = [...url.searchParams].map(([key, value]) => `${key}=${value}`).join('&');
  return `${method} ${url.pathname}${query && `?${query}`}`;
}

/** Method and path alone: by these an answer is found. */
function kindOf({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method} ${new URL(path, 'http://engine').pathname}`;
}

/** An engine that answers as the recorded one did, request by request, and keeps what it was asked. */
export class RecordedEngine {
  readonly sent: SentRequest[] = [];
  readonly endpoint: string;
  /** A folder that goes when the engine stops. */
  readonly dir = mkdtempSync(join(tmpdir(), 'recorded-engine-'));
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Map<string, RecordedRequest[]>();

  private constructor(recorded: readonly RecordedRequest[]) {
    this.endpoint = `unix://${join(this.dir, 'engine.sock')}`;
    for (const request of recorded) {
      const kind = kindOf(request);
      this.#answers.set(kind, [...(this.#answers.get(kind) ?? []), request]);
    }
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    this.#server.on('upgrade', (request, socket) => this.#attach(request, socket));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(recorded: readonly RecordedRequest[]): Promise<RecordedEngine> {
    const engine = new RecordedEngine(recorded);
    await new Promise<void>((done) => engine.#server.listen(join(engine.dir, 'engine.sock'), done));
    return engine;
  }

  /** Resolves when a call was made that need not be answered. */
  async asked(call: string): Promise<void> {
    for (const end = Date.now() + 5_000; !this.sent.some((sent) => callOf(sent) === call);) {
      if (Date.now() > end) throw new Error(`not asked within 5 s: ${call}`);
      await sleep(5);
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
    rmSync(this.dir, { recursive: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = { method: request.method ?? '', path: request.url ?? '', body: await buffer(request) };
    this.sent.push(sent);
    const recorded = this.#answers.get(kindOf(sent))?.shift();
    if (kindOf(sent) === 'GET /containers/json') {
      // What the peer never asks: nothing was left behind.
      response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
      return;
    }
    if (recorded === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"not recorded"}');
      return;
    }
    const stays = sent.path.endsWith('/wait') && recorded.response === undefined;
    // The chaincode ran on when the recording ended.
    if (stays) return;
    if (recorded.status === undefined) {
      request.socket.destroy();
      return;
    }
    const type = sent.path.includes('/archive') ? 'application/x-tar' : 'application/json';
    response.writeHead(recorded.status, { 'content-type': type }).end(bytesOf(recorded.response));
  }

  /** What a container printed; where the peer did not ask for it, nothing. */
  #attach(request: IncomingMessage, socket: Duplex): void {
    const sent = { method: request.method ?? '', path: request.url ?? '', body: Buffer.alloc(0) };
    this.sent.push(sent);
    const recorded = this.#answers.get(kindOf(sent))?.shift();
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    socket.end(bytesOf(recorded?.response));
  }
}

function bytesOf(body: RecordedBody | undefined): Buffer {
  if (body?.text !== undefined) return Buffer.from(body.text, 'latin1');
  if (body?.file !== undefined) return recordedBytes(body.file);
  // Compiled programs are not kept.
  return body === undefined ? Buffer.alloc(0) : emptyTar;
}
