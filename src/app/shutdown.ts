import type { Logger } from '../ops/log.js';

/** A part that was started and must be ended. */
export interface Stoppable {
  readonly name: string;
  stop(): Promise<void>;
}

/** Ends what was started, last first. An error of one part is logged and does not keep the others running. */
export class ShutdownStack {
  readonly #parts: Stoppable[] = [];
  readonly #logger: Logger;
  #stopping: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  push(name: string, stop: () => Promise<void>): void {
    this.#parts.push({ name, stop });
  }

  /** May be called more than once; everybody waits for the same end. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (let part = this.#parts.pop(); part; part = this.#parts.pop()) {
      try {
        await part.stop();
      } catch (err) {
        this.#logger.error({ err }, `stopping ${part.name} failed`);
      }
    }
  }
}
