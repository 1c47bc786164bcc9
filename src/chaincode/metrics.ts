import { Counter, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';

type ShimLabels = 'type' | 'channel' | 'chaincode';

/**
 * Metrics of the stream with chaincode, under Fabric's names (contract 15). The label `chaincode` is `‹n›:‹v›`;
 * Fabric's own has a stray colon behind it.
 */
export class ChaincodeMetrics {
  readonly #received: Counter<ShimLabels>;
  readonly #completed: Counter<ShimLabels | 'success'>;
  readonly #duration: Histogram<ShimLabels | 'success'>;
  readonly #executeTimeouts: Counter<'chaincode'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#received = new Counter({
      name: 'chaincode_shim_requests_received',
      help: 'The number of chaincode shim requests received.',
      labelNames: ['type', 'channel', 'chaincode'],
      registers,
    });
    this.#completed = new Counter({
      name: 'chaincode_shim_requests_completed',
      help: 'The number of chaincode shim requests completed.',
      labelNames: ['type', 'channel', 'chaincode', 'success'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'chaincode_shim_request_duration',
      help: 'The time to complete chaincode shim requests.',
      labelNames: ['type', 'channel', 'chaincode', 'success'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#executeTimeouts = new Counter({
      name: 'chaincode_execute_timeouts',
      help: 'The number of chaincode executions (Init or Invoke) that have timed out.',
      labelNames: ['chaincode'],
      registers,
    });
  }

  requestReceived(type: string, channel: string, chaincode: string): void {
    this.#received.inc({ type, channel, chaincode });
  }

  requestCompleted(
    type: string,
    channel: string,
    chaincode: string,
    success: boolean,
    seconds: number,
  ): void {
    const labels = { type, channel, chaincode, success: success ? 'true' : 'false' };
    this.#completed.inc(labels);
    this.#duration.observe(labels, seconds);
  }

  executeTimedOut(chaincode: string): void {
    this.#executeTimeouts.inc({ chaincode });
  }
}
