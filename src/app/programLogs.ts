import type { Registry } from 'prom-client';
import { LogRegistry } from '../ops/logRegistry.js';
import { countLogEntries, createMetricsRegistry } from '../ops/metricsRegistry.js';
import { fabricVersion } from './version.js';

/** The log and the metrics of a program that runs until it is interrupted. */
export interface ProgramLogs {
  readonly logs: LogRegistry;
  readonly metrics: Registry;
}

/** Readable lines in a terminal, JSON elsewhere. @param spec Fabric's logspec */
export async function programLogs(spec: string, verbose: boolean | undefined): Promise<ProgramLogs> {
  const metrics = createMetricsRegistry(fabricVersion);
  const logs = await LogRegistry.create({
    spec: verbose ? 'debug' : spec,
    pretty: process.stderr.isTTY,
    onEntry: countLogEntries(metrics),
  });
  return { logs, metrics };
}
