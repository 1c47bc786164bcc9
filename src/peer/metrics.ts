import { Counter, type Registry } from 'prom-client';

/** Metrics of the taking in of blocks. */
export class CommitterMetrics {
  readonly #errors: Counter<'channel'>;

  constructor(registry: Registry) {
    this.#errors = new Counter({
      name: 'chaincode_launcher_committer_errors_total',
      help: 'Failed attempts to get blocks from the ordering service, or to commit one.',
      labelNames: ['channel'],
      registers: [registry],
    });
  }

  follows(channel: string): void {
    this.#errors.inc({ channel }, 0);
  }

  /** One attempt has failed; the next one comes within ten seconds. */
  failed(channel: string): void {
    this.#errors.inc({ channel });
  }
}
