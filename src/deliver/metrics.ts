import { Counter, type Registry } from 'prom-client';

/** Fabric's deliver_* metrics (contract 15). */
export class DeliverMetrics {
  readonly #opened: Counter;
  readonly #closed: Counter;
  readonly #requests: Counter<'channel' | 'filtered'>;
  readonly #completed: Counter<'channel' | 'filtered' | 'success'>;
  readonly #sent: Counter<'channel' | 'filtered'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#opened = new Counter({
      name: 'deliver_streams_opened',
      help: 'The number of GRPC streams that have been opened for the deliver service.',
      registers,
    });
    this.#closed = new Counter({
      name: 'deliver_streams_closed',
      help: 'The number of GRPC streams that have been closed for the deliver service.',
      registers,
    });
    this.#requests = new Counter({
      name: 'deliver_requests_received',
      help: 'The number of deliver requests that have been received.',
      labelNames: ['channel', 'filtered'],
      registers,
    });
    this.#completed = new Counter({
      name: 'deliver_requests_completed',
      help: 'The number of deliver requests that have been completed.',
      labelNames: ['channel', 'filtered', 'success'],
      registers,
    });
    this.#sent = new Counter({
      name: 'deliver_blocks_sent',
      help: 'The number of blocks sent by the deliver service.',
      labelNames: ['channel', 'filtered'],
      registers,
    });
  }

  opened(): void {
    this.#opened.inc();
  }

  closed(): void {
    this.#closed.inc();
  }

  requested(channel: string, filtered: boolean): void {
    this.#requests.inc({ channel, filtered: String(filtered) });
  }

  completed(channel: string, filtered: boolean, success: boolean): void {
    this.#completed.inc({ channel, filtered: String(filtered), success: String(success) });
  }

  sent(channel: string, filtered: boolean): void {
    this.#sent.inc({ channel, filtered: String(filtered) });
  }
}
