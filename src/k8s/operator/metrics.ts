import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { phases } from '../api/schema.js';
import type { RequestObserver } from '../client/kubeClient.js';
import type { QueueObserver } from '../client/workQueue.js';
import { timedPhases, type PhaseTime } from './phaseTimes.js';

const controller = 'chaincodelaunch';

/** Metrics of the operator, under the names that dashboards for controllers know. */
export class OperatorMetrics {
  readonly #reconciles: Counter<'controller' | 'result'>;
  readonly #reconcileErrors: Counter<'controller'>;
  readonly #reconcileTime: Histogram<'controller'>;
  readonly #active: Gauge<'controller'>;
  readonly #requests: Counter<'code' | 'method'>;
  readonly #requestTime: Histogram<'verb'>;
  readonly #reconnects: Counter<'kind' | 'reason'>;
  readonly #leader: Gauge<'name'>;
  readonly #launches: Gauge<'phase'>;
  readonly #phases: Histogram<'phase'>;
  readonly #failures: Counter<'reason'>;
  readonly queue: QueueObserver;

  constructor(registry: Registry, workers: number) {
    const registers = [registry];
    this.#reconciles = new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Total number of reconciliations per controller',
      labelNames: ['controller', 'result'],
      registers,
    });
    this.#reconcileErrors = new Counter({
      name: 'controller_runtime_reconcile_errors_total',
      help: 'Total number of reconciliation errors per controller',
      labelNames: ['controller'],
      registers,
    });
    this.#reconcileTime = new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Length of time per reconciliation per controller',
      labelNames: ['controller'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    this.#active = new Gauge({
      name: 'controller_runtime_active_workers',
      help: 'Number of currently used workers per controller',
      labelNames: ['controller'],
      registers,
    });
    new Gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'Maximum number of concurrent reconciles per controller',
      labelNames: ['controller'],
      registers,
    }).set({ controller }, workers);
    this.#requests = new Counter({
      name: 'rest_client_requests_total',
      help: 'Number of HTTP requests, partitioned by status code and method.',
      labelNames: ['code', 'method'],
      registers,
    });
    this.#requestTime = new Histogram({
      name: 'rest_client_request_duration_seconds',
      help: 'Request latency in seconds. Broken down by verb.',
      labelNames: ['verb'],
      buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
      registers,
    });
    this.#reconnects = new Counter({
      name: 'chaincode_launcher_watch_reconnects_total',
      help: 'Watches that began anew, and why.',
      labelNames: ['kind', 'reason'],
      registers,
    });
    this.#leader = new Gauge({
      name: 'leader_election_master_status',
      help: 'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master.',
      labelNames: ['name'],
      registers,
    });
    this.#launches = new Gauge({
      name: 'chaincode_launcher_launches',
      help: 'ChaincodeLaunch objects by phase; every replica tells the same.',
      labelNames: ['phase'],
      registers,
    });
    this.#phases = new Histogram({
      name: 'chaincode_launcher_pod_phase_duration_seconds',
      help: 'The time that each phase of a launch took, as the operator saw it.',
      labelNames: ['phase'],
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
      registers,
    });
    this.#failures = new Counter({
      name: 'chaincode_launcher_pod_failures_total',
      help: 'Launches that failed, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.queue = queueMetrics(registers);
    this.#startAtZero();
  }

  /** What never happened is 0, not absent: an alert on the first error needs the 0 before it. */
  #startAtZero(): void {
    for (const result of ['success', 'requeue_after', 'error'] as const) {
      this.#reconciles.inc({ controller, result }, 0);
    }
    this.#reconcileErrors.inc({ controller }, 0);
    this.#reconcileTime.zero({ controller });
    this.#active.set({ controller }, 0);
    for (const phase of phases) this.#launches.set({ phase }, 0);
    for (const phase of timedPhases) this.#phases.zero({ phase });
  }

  readonly onRequest: RequestObserver = (method, code, seconds) => {
    this.#requests.inc({ code, method });
    this.#requestTime.observe({ verb: method }, seconds);
  };

  reconnected(kind: string, reason: string): void {
    this.#reconnects.inc({ kind, reason });
  }

  leading(name: string, leads: boolean): void {
    this.#leader.set({ name }, leads ? 1 : 0);
  }

  /** Measures one reconcile. */
  async reconcile(work: () => Promise<'success' | 'requeue_after'>): Promise<void> {
    const end = this.#reconcileTime.startTimer({ controller });
    this.#active.inc({ controller });
    try {
      this.#reconciles.inc({ controller, result: await work() });
    } catch (error) {
      this.#reconciles.inc({ controller, result: 'error' });
      this.#reconcileErrors.inc({ controller });
      throw error;
    } finally {
      this.#active.dec({ controller });
      end();
    }
  }

  /** An object went from one phase to another. */
  phaseChanged(before: string | undefined, after: string | undefined): void {
    if (before !== undefined) this.#launches.dec({ phase: before });
    if (after !== undefined) this.#launches.inc({ phase: after });
  }

  phaseTook({ phase, seconds }: PhaseTime): void {
    this.#phases.observe({ phase }, seconds);
  }

  failed(reason: string): void {
    this.#failures.inc({ reason });
  }
}

function queueMetrics(registers: Registry[]): QueueObserver {
  const labelNames = ['name'] as const;
  const name = controller;
  const depth = new Gauge({
    name: 'workqueue_depth',
    help: 'Current depth of workqueue',
    labelNames,
    registers,
  });
  const adds = new Counter({
    name: 'workqueue_adds_total',
    help: 'Total number of adds handled by workqueue',
    labelNames,
    registers,
  });
  const waited = new Histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long in seconds an item stays in workqueue before being requested',
    labelNames,
    buckets: [0.0001, 0.001, 0.01, 0.1, 1, 10],
    registers,
  });
  const worked = new Histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long in seconds processing an item from workqueue takes.',
    labelNames,
    buckets: [0.0001, 0.001, 0.01, 0.1, 1, 10],
    registers,
  });
  const retries = new Counter({
    name: 'workqueue_retries_total',
    help: 'Total number of retries handled by workqueue',
    labelNames,
    registers,
  });
  depth.set({ name }, 0);
  for (const counter of [adds, retries]) counter.inc({ name }, 0);
  for (const histogram of [waited, worked]) histogram.zero({ name });
  return {
    added: (now) => {
      adds.inc({ name });
      depth.set({ name }, now);
    },
    started: (now, seconds) => {
      depth.set({ name }, now);
      waited.observe({ name }, seconds);
    },
    finished: (seconds) => worked.observe({ name }, seconds),
    retried: () => retries.inc({ name }),
  };
}
