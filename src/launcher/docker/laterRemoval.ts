import { messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import type { Engine } from './engine.js';
import { isNotFound } from './errors.js';

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/**
 * Containers that nobody wants any more and that could not be removed, because the engine was away: they are removed when it
 * is back. They are known by id: another container may have their name by then.
 */
export class LaterRemoval {
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #ids = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = firstPauseMs;
  #closed = false;

  constructor(engine: Engine, logger: Logger) {
    this.#engine = engine;
    this.#logger = logger;
  }

  add(id: string): void {
    this.#ids.add(id);
    this.#pauseMs = firstPauseMs;
    this.#schedule();
  }

  /** Tries a last time. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#removeAll();
    for (const id of this.#ids) this.#logger.warn(`the container ${id} was not removed`);
  }

  #schedule(): void {
    if (this.#closed || this.#timer !== undefined || this.#ids.size === 0) return;
    this.#timer = setTimeout(() => {
      void this.#removeAll().then(() => {
        this.#timer = undefined;
        this.#schedule();
      });
    }, this.#pauseMs);
    this.#timer.unref();
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
  }

  async #removeAll(): Promise<void> {
    for (const id of [...this.#ids]) {
      try {
        await this.#engine.remove(id, true);
        this.#ids.delete(id);
      } catch (error) {
        if (isNotFound(error)) this.#ids.delete(id);
        else this.#logger.debug({ err: error }, `could not remove the container ${id}: ${messageOf(error)}`);
      }
    }
  }
}
