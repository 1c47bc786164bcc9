import { randomUUID } from 'node:crypto';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import type { Engine } from './engine.js';
import { isNotFound } from './errors.js';
import type { LaterRemoval } from './laterRemoval.js';

/** Whose builder it is: `‹networkId›-‹peerId›`. */
const peerLabel = 'chaincode-launcher.builder-of';
/** Which build of that peer it belongs to. */
const buildLabel = 'chaincode-launcher.build';

/** A build that runs: by its labels its container is found again. */
export interface BuildMark {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Sees to it that builder containers do not outlive their builds. They have no name by which a later launch would find them:
 * one that a killed endorser has left, or whose creation lost its answer, is found by its labels and removed before the next
 * build.
 */
export class Leftovers {
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #peer: string;
  readonly #later: LaterRemoval;
  readonly #running = new Set<string>();
  /** `before` = by an earlier process, perhaps; `now` = by this one. */
  #left: 'before' | 'now' | 'nothing' = 'before';

  /** @param peer names the endorser: builders of others are not touched */
  constructor(engine: Engine, peer: string, later: LaterRemoval, logger: Logger) {
    this.#engine = engine;
    this.#peer = peer;
    this.#later = later;
    this.#logger = logger;
  }

  /** A build begins. */
  begin(): BuildMark {
    const id = randomUUID();
    this.#running.add(id);
    return { id, labels: { [peerLabel]: this.#peer, [buildLabel]: id } };
  }

  /**
   * A build is over: removes its container. Never rejects.
   * @param container its id; undefined = it is not known whether there is one
   * @param force ends it first when it still runs
   */
  async end(build: BuildMark, container: string | undefined, force: boolean): Promise<void> {
    if (container === undefined) this.#left = 'now';
    else await this.#remove(container, force);
    this.#running.delete(build.id);
  }

  /** Removes what earlier builds may have left. Never rejects: if it fails it is tried again before the next build. */
  async removeAll(): Promise<void> {
    if (this.#left === 'nothing') return;
    const before = this.#left;
    this.#left = 'nothing';
    try {
      const builders = await this.#engine.labelled(`${peerLabel}=${this.#peer}`);
      const left = builders.filter(({ labels }) => !this.#running.has(labels[buildLabel] ?? ''));
      await Promise.all(left.map(({ id }) => this.#remove(id, true)));
    } catch (error) {
      this.#left = before;
      this.#logger.warn({ err: error }, `could not look for builder containers: ${messageOf(error)}`);
    }
  }

  /** The last chance to remove what this process has left. Never rejects. */
  async close(): Promise<void> {
    if (this.#left === 'now') await this.removeAll();
  }

  async #remove(id: string, force: boolean): Promise<void> {
    try {
      await this.#engine.remove(id, force);
    } catch (error) {
      if (isNotFound(error)) return;
      this.#logger.warn({ err: error }, `could not remove the builder container ${id}: ${messageOf(error)}`);
      this.#later.add(id);
    }
  }
}
