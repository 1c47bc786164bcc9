import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { StepListener } from './launchRecord.js';

/** Phase names of the launcher's own histogram, by the step that ends the phase. */
const phaseOf: Readonly<Record<string, string>> = {
  packageKept: 'package',
  built: 'build',
  started: 'start',
  registered: 'register',
};

/** Metrics of launches: Fabric's names and labels (contract 15), and one histogram whose buckets reach 300 s. */
export class LaunchMetrics {
  readonly #duration: Histogram<'chaincode' | 'success'>;
  readonly #failures: Counter<'chaincode'>;
  readonly #timeouts: Counter<'chaincode'>;
  readonly #phases: Histogram<'phase' | 'success'>;
  readonly #inProgress: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#duration = new Histogram({
      name: 'chaincode_launch_duration',
      help: 'The time to launch a chaincode.',
      labelNames: ['chaincode', 'success'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#failures = new Counter({
      name: 'chaincode_launch_failures',
      help: 'The number of chaincode launches that have failed.',
      labelNames: ['chaincode'],
      registers,
    });
    this.#timeouts = new Counter({
      name: 'chaincode_launch_timeouts',
      help: 'The number of chaincode launches that have timed out.',
      labelNames: ['chaincode'],
      registers,
    });
    this.#phases = new Histogram({
      name: 'chaincode_launcher_launch_phase_duration_seconds',
      help: 'The time that each phase of a launch took.',
      labelNames: ['phase', 'success'],
      buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300],
      registers,
    });
    this.#inProgress = new Gauge({
      name: 'chaincode_launcher_launches_in_progress',
      help: 'Launches that have begun, and have neither registered nor failed yet.',
      registers,
    });
    // A first failure counts as one more only if there was a 0 before it.
    for (const phase of Object.values(phaseOf)) {
      for (const success of ['true', 'false']) this.#phases.zero({ phase, success });
    }
  }

  /** One caller of a launch is answered; waiters count too. */
  observeLaunch(cname: string, success: boolean, seconds: number): void {
    this.#duration.observe({ chaincode: cname, success: String(success) }, seconds);
  }

  /** @returns to be called at the end of the launch, however it ends */
  launchBegins(): () => void {
    this.#inProgress.inc();
    return () => this.#inProgress.dec();
  }

  countFailure(cname: string): void {
    this.#failures.inc({ chaincode: cname });
  }

  countTimeout(cname: string): void {
    this.#timeouts.inc({ chaincode: cname });
  }

  /** For the journal: one observation per phase. */
  readonly onStep: StepListener = (step, tookMs, success) => {
    const phase = phaseOf[step];
    if (phase !== undefined) this.#phases.observe({ phase, success: String(success) }, tookMs / 1000);
  };
}
