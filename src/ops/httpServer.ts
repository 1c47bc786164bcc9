import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { messageOf } from '../errors.js';
import type { HealthRegistry } from './health.js';
import { addLaunchRoutes } from './launchRoutes.js';
import type { LaunchView } from './launchView.js';

export interface OperationsTls {
  /** PEM. */
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly clientCas: readonly (string | Buffer)[];
  /** Every request needs a client certificate, not only those that read or change the inside. */
  readonly clientAuthRequired: boolean;
}

export interface OperationsServerOptions {
  readonly version: string;
  readonly commitSha: string;
  readonly health: HealthRegistry;
  readonly logs: { spec(): string; setSpec(text: string): void };
  /** `/metrics` exists only with a registry (metrics.provider prometheus). */
  readonly metrics?: Registry;
  readonly launches?: LaunchView;
  readonly tls?: OperationsTls;
  /** Resolves when proposals can be served; rejects with what is missing. @default always ready */
  readonly ready?: () => Promise<void>;
  /** @default 30 s */
  readonly healthTimeoutMs?: number;
}

/** Paths that are open to anyone who reaches the port (contract 16). */
const openPaths = new Set(['/healthz', '/readyz', '/version']);

/**
 * The operations endpoint (core/operations, contract 16). The caller listens and closes:
 * `await server.listen({ host, port })`, `await server.close()`.
 */
export function createOperationsServer(options: OperationsServerOptions): FastifyInstance {
  const server = newServer(options.tls);
  server.addHook('onRequest', async (request, reply) => {
    void reply.header('X-Request-Id', request.id);
    if (options.tls && !isAllowed(request)) return reply.code(401).send();
    return undefined;
  });
  server.setNotFoundHandler(async (_request, reply) =>
    reply.code(404).type('text/plain').send('404 page not found\n'),
  );
  addHealth(server, options);
  addVersion(server, options);
  addLogSpec(server, options.logs);
  const { metrics, launches } = options;
  if (metrics) {
    server.get('/metrics', async (_request, reply) => {
      void reply.type(metrics.contentType);
      return metrics.metrics();
    });
  }
  if (launches) addLaunchRoutes(server, launches);
  return server;
}

function newServer(tls: OperationsTls | undefined): FastifyInstance {
  const common = {
    genReqId: (request: { headers: IncomingMessage['headers'] }): string => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && given !== '' ? given : randomUUID();
    },
    requestTimeout: 10_000,
    forceCloseConnections: true,
  };
  if (!tls) return fastify(common);
  const server = fastify({
    ...common,
    https: {
      cert: tls.cert,
      key: tls.key,
      ca: [...tls.clientCas],
      requestCert: true,
      // Without clientAuthRequired a certificate is optional, but isAllowed() still checks one that is shown.
      rejectUnauthorized: tls.clientAuthRequired,
      minVersion: 'TLSv1.2',
    },
  });
  return server;
}

function isAllowed(request: FastifyRequest): boolean {
  const { socket } = request.raw;
  if (!(socket instanceof TLSSocket)) return false;
  // Node's types say that there always is a certificate object; it is empty when the client showed none.
  const shown = Object.keys(socket.getPeerCertificate()).length > 0;
  if (shown) return socket.authorized;
  const path = request.url.split('?', 1)[0] ?? '';
  return openPaths.has(path);
}

const otherThanGet = ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;

function addHealth(server: FastifyInstance, options: OperationsServerOptions): void {
  const timeoutMs = options.healthTimeoutMs ?? 30_000;
  server.get('/healthz', async (_request, reply) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const failed = await options.health.run(signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    const time = new Date().toISOString();
    if (!failed) return reply.code(408).send();
    if (failed.length === 0) return { status: 'OK', time };
    void reply.code(503);
    return { status: 'Service Unavailable', time, failed_checks: failed };
  });
  server.get('/readyz', async (_request, reply) => {
    try {
      await options.ready?.();
      return { status: 'OK' };
    } catch (error) {
      void reply.code(503);
      return { status: 'Service Unavailable', reason: messageOf(error) };
    }
  });
  for (const url of ['/healthz', '/readyz']) {
    server.route({
      method: [...otherThanGet],
      url,
      handler: async (_request, reply) => reply.code(405).send(),
    });
  }
}

function addVersion(server: FastifyInstance, options: OperationsServerOptions): void {
  const { version, commitSha } = options;
  server.get('/version', async () => ({ CommitSHA: commitSha, Version: version }));
  server.route({
    method: [...otherThanGet],
    url: '/version',
    handler: async (request, reply) =>
      reply.code(400).send({ Error: `invalid request method: ${request.method}` }),
  });
}

function addLogSpec(server: FastifyInstance, logs: OperationsServerOptions['logs']): void {
  // Fabric reads the body whatever its content type says; texts of broken JSON are ours.
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.get('/logspec', async () => ({ spec: logs.spec() }));
    scope.put('/logspec', async (request, reply) => setSpec(logs, request.body, reply));
    scope.route({
      method: ['POST', 'DELETE', 'PATCH', 'OPTIONS'],
      url: '/logspec',
      handler: async (request, reply) =>
        reply.code(400).send({ error: `invalid request method: ${request.method}` }),
    });
  });
}

async function setSpec(
  logs: OperationsServerOptions['logs'],
  body: unknown,
  reply: FastifyReply,
): Promise<FastifyReply> {
  try {
    const parsed: unknown = JSON.parse(typeof body === 'string' ? body : '');
    const spec = (parsed as { spec?: unknown } | null)?.spec ?? '';
    if (typeof spec !== 'string') throw new TypeError('spec must be a string');
    logs.setSpec(spec);
    return await reply.code(204).send();
  } catch (error) {
    return reply.code(400).send({ error: messageOf(error) });
  }
}
