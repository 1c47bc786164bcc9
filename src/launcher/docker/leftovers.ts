import { messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import type { Engine } from './engine.js';
import { isNotFound } from './errors.js';

/**
 * Builder containers that are no longer wanted. They have no name by which a later launch would find them, so one that
 * can not be removed, because the engine is away, is remembered and removed before the next build.
 */
export class Leftovers {
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #ids = new Set<string>();

  constructor(engine: Engine, logger: Logger) {
    this.#engine = engine;
    this.#logger = logger;
  }

  /** Never rejects. @param force ends it first when it still runs */
  async remove(id: string, force: boolean): Promise<void> {
    try {
      await this.#engine.remove(id, force);
      this.#ids.delete(id);
    } catch (error) {
      if (isNotFound(error)) {
        this.#ids.delete(id);
        return;
      }
      this.#ids.add(id);
      this.#logger.warn({ err: error }, `could not remove the builder container ${id}: ${messageOf(error)}`);
    }
  }

  /** Tries again what could not be removed. */
  async removeAll(): Promise<void> {
    await Promise.all([...this.#ids].map((id) => this.remove(id, true)));
  }
}
