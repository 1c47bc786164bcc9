import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import type { CompiledConfig, TlsFiles } from '../config/compile.js';
import { LauncherError } from '../errors.js';
import type { LaunchJournal } from '../launcher/journal.js';
import type { HealthRegistry } from '../ops/health.js';
import { createOperationsServer, type OperationsTls } from '../ops/httpServer.js';
import type { LogRegistry } from '../ops/logRegistry.js';
import { listenOn } from './listen.js';
import { fabricVersion } from './version.js';

export interface OperationsParts {
  readonly operations: CompiledConfig['operations'];
  readonly metricsProvider: CompiledConfig['metrics']['provider'];
  readonly logs: LogRegistry;
  readonly metrics: Registry;
  readonly health: HealthRegistry;
  /** Absent = this program launches nothing itself. */
  readonly journal?: LaunchJournal;
  /** Rejects with what is missing while proposals cannot be served. */
  readonly ready: () => Promise<void>;
}

/** The operations endpoint while it listens. */
export interface Operations {
  /** host:port */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts the operations endpoint (contract 16). */
export async function startOperations(parts: OperationsParts): Promise<Operations> {
  const { listenAddress, tls } = parts.operations;
  const server: FastifyInstance = createOperationsServer({
    version: fabricVersion,
    commitSha: '',
    health: parts.health,
    logs: parts.logs,
    ...(parts.journal && { launches: parts.journal }),
    ready: parts.ready,
    ...(parts.metricsProvider === 'prometheus' && { metrics: parts.metrics }),
    ...(tls.enabled && { tls: await operationsTls(tls) }),
  });
  const address = await listenOn(server, listenAddress, 'operations');
  return { address, stop: () => server.close() };
}

async function operationsTls(tls: TlsFiles): Promise<OperationsTls> {
  if (!tls.certFile || !tls.keyFile) {
    throw new LauncherError(
      'operations.tls is enabled but operations.tls.cert.file or operations.tls.key.file is not set',
    );
  }
  return {
    cert: await readFile(tls.certFile),
    key: await readFile(tls.keyFile),
    clientCas: await Promise.all(tls.clientRootCaFiles.map((file) => readFile(file))),
    clientAuthRequired: tls.clientAuthRequired,
  };
}
