import { totalmem } from 'node:os';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { LogLevel } from './logspec.js';

/** A registry with what every Fabric process shows: its version and its log entries (contract 15). */
export function createMetricsRegistry(version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'fabric_version',
    help: 'The active version of Fabric.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
  new Gauge({
    name: 'chaincode_launcher_memory_limit_bytes',
    help: 'Memory that this process may use: the limit of its container, else all of the machine.',
    registers: [registry],
  }).set(memoryLimit(process.constrainedMemory(), totalmem()));
  return registry;
}

/** @param constrained as Node.js tells it: 0, or more than there is, without a limit */
export function memoryLimit(constrained: number, machine: number): number {
  return constrained > 0 ? Math.min(constrained, machine) : machine;
}

/** Counts log entries by level; hand it to LogRegistry as `onEntry`. */
export function countLogEntries(registry: Registry): (level: LogLevel) => void {
  const checked = new Counter({
    name: 'logging_entries_checked',
    help: 'Number of log entries checked against the active logging level',
    labelNames: ['level'],
    registers: [registry],
  });
  const written = new Counter({
    name: 'logging_entries_written',
    help: 'Number of log entries that are written',
    labelNames: ['level'],
    registers: [registry],
  });
  return (level) => {
    checked.inc({ level });
    written.inc({ level });
  };
}
