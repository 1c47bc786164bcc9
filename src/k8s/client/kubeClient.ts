import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../errors.js';
import type { ClusterAccess } from './clusterAccess.js';
import { ApiError, ConnectionError } from './apiError.js';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface KubeRequest {
  readonly method: HttpMethod;
  /** With its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** Until the answer begins. @default 30 s */
  readonly timeoutMs?: number;
}

/** Told once per answer; for rest_client_* metrics. */
export type RequestObserver = (method: HttpMethod, code: string, seconds: number) => void;

export interface KubeClientOptions {
  readonly access: ClusterAccess;
  readonly onRequest?: RequestObserver;
  /** Connections beside the watches. @default 32 */
  readonly maxConnections?: number;
}

/** JSON over HTTPS to the API server: credentials, one more try after a 401 or a dead kept connection, errors as types. */
export class KubeClient {
  readonly #access: ClusterAccess;
  readonly #agent: Agent;
  readonly #onRequest: RequestObserver | undefined;

  constructor({ access, onRequest, maxConnections }: KubeClientOptions) {
    this.#access = access;
    this.#onRequest = onRequest;
    this.#agent = new Agent({
      ...access.tls,
      keepAlive: true,
      maxSockets: maxConnections ?? 32,
      timeout: 60_000,
    });
  }

  /** The namespace of the Pod or of the kubeconfig's context. */
  get namespace(): string {
    return this.#access.namespace;
  }

  get server(): string {
    return this.#access.server;
  }

  /** The answer's body. @throws ApiError, ConnectionError, or the signal's reason */
  async json<T>(request: KubeRequest): Promise<T> {
    return JSON.parse(await this.text(request)) as T;
  }

  /** The answer's body as it is; logs are no JSON. */
  async text(request: KubeRequest): Promise<string> {
    const response = await this.open(request);
    try {
      return await readAll(response);
    } catch (error) {
      throw connectionError(request, error);
    }
  }

  /** An answer whose body the caller reads; only answers of success come through. A watch brings its own agent. */
  async open(request: KubeRequest, agent: Agent = this.#agent): Promise<IncomingMessage> {
    const first = await this.#send(request, agent, false);
    const response = first.statusCode === 401 ? await this.#again(request, agent, first) : first;
    const code = response.statusCode ?? 0;
    if (code >= 200 && code < 300) return response;
    const body = await readAll(response).catch((error: unknown) => messageOf(error));
    throw new ApiError(`${request.method} ${request.path}`, code, body, response.headers['retry-after']);
  }

  /** An agent of its own for one long watch, with the same credentials. */
  watchAgent(): Agent {
    return new Agent({ ...this.#access.tls, keepAlive: false });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** The token may have been replaced since we read it. */
  async #again(request: KubeRequest, agent: Agent, refused: IncomingMessage): Promise<IncomingMessage> {
    refused.resume();
    return this.#send(request, agent, true);
  }

  async #send(request: KubeRequest, agent: Agent, renew: boolean): Promise<IncomingMessage> {
    const authorization = await this.#access.authorization(renew);
    try {
      return await this.#once(request, agent, authorization);
    } catch (error) {
      if (!(error instanceof DeadConnection)) throw error;
      return this.#once(request, agent, authorization);
    }
  }

  #once(request: KubeRequest, agent: Agent, authorization: string | undefined): Promise<IncomingMessage> {
    const { method, path, body, signal } = request;
    const begin = performance.now();
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest(`${this.#access.server}${path}`, {
        method,
        agent,
        ...(signal && { signal }),
        headers: {
          accept: 'application/json, */*;q=0.5',
          'user-agent': 'chaincode-launcher',
          ...(authorization !== undefined && { authorization }),
          ...(payload && {
            'content-type': request.contentType ?? 'application/json',
            'content-length': payload.length,
          }),
        },
      });
      const timer = setTimeout(
        () =>
          outgoing.destroy(new ConnectionError(`no answer after ${(request.timeoutMs ?? 30_000) / 1000} s`)),
        request.timeoutMs ?? 30_000,
      );
      const observe = (code: string): void => {
        clearTimeout(timer);
        this.#onRequest?.(method, code, (performance.now() - begin) / 1000);
      };
      outgoing.once('response', (response) => {
        observe(String(response.statusCode));
        resolve(response);
      });
      outgoing.once('error', (error) => {
        observe('<error>');
        if (signal?.aborted) reject(signal.reason instanceof Error ? signal.reason : error);
        else if (outgoing.reusedSocket && isReset(error)) reject(new DeadConnection(error.message));
        else reject(connectionError(request, error));
      });
      outgoing.end(payload);
    });
  }
}

/** A kept connection that the server had closed before our request came: nothing was done there. */
class DeadConnection extends Error {}

function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

function connectionError(request: KubeRequest, error: unknown): ConnectionError {
  return new ConnectionError(`${request.method} ${request.path}: ${messageOf(error)}`, { cause: error });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
