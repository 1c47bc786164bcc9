import { setTimeout as sleep } from 'node:timers/promises';
import { LauncherError, messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import type { ExitStatus } from '../types.js';
import { ContainerOutput } from './containerOutput.js';
import type { Engine } from './engine.js';
import { EngineConnectionError } from './errors.js';

export interface ContainerOptions {
  readonly engine: Engine;
  readonly name: string;
  /** Another container may get the name later, never the id. */
  readonly id: string;
  /** Gzipped tar that is unpacked at `/` before the start; empty = nothing. */
  readonly files: Buffer;
  readonly onLine: (line: string) => void;
  /** Called once when nothing more is printed, or nobody listens any more. */
  readonly onOutputEnded: () => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** How long a container's end is asked for while the engine does not answer. */
const reconnectMs = 20_000;
const reconnectPauseMs = 250;
/** Its last lines come a little after its end. */
const lastLinesMs = 1_000;

/** A chaincode's container from its creation to its end. */
export class Container {
  readonly name: string;
  readonly id: string;
  readonly #options: ContainerOptions;
  readonly #output: ContainerOutput;
  readonly #released = new AbortController();
  #exited: Promise<ExitStatus> | undefined;

  private constructor(options: ContainerOptions, output: ContainerOutput) {
    this.name = options.name;
    this.id = options.id;
    this.#options = options;
    this.#output = output;
  }

  /** Follows the output of a container that was created, gives it its files and starts it. */
  static async start(options: ContainerOptions): Promise<Container> {
    const { engine, name, files, onLine, onOutputEnded, signal } = options;
    const output = await ContainerOutput.attach(engine, name, onLine, signal);
    try {
      if (files.length > 0) await engine.upload(name, '/', files, signal);
      await engine.start(name, signal);
    } catch (error) {
      output.close();
      throw error;
    }
    void output.ended.then(onOutputEnded);
    return new Container(options, output);
  }

  /** How it ended; asks the engine at the first call only. */
  exited(): Promise<ExitStatus> {
    this.#exited ??= this.#follow();
    return this.#exited;
  }

  stopFollowing(): void {
    this.#output.close();
  }

  /** Somebody removes the container: an engine that does not answer is asked no more. */
  release(): void {
    this.#released.abort(new LauncherError(`the container ${this.name} was given up`));
    this.#output.close();
  }

  async #follow(): Promise<ExitStatus> {
    const exitCode = await this.#exitCode();
    await Promise.race([this.#output.ended, sleep(lastLinesMs, undefined, { ref: false })]);
    this.#output.close();
    return { exitCode, lastLines: this.#output.lastLines() };
  }

  /** The engine may be restarted meanwhile: the container is found again by its id, running or ended. */
  async #exitCode(): Promise<number> {
    const { engine, id, logger } = this.#options;
    let container = this.name;
    let lostAt: number | undefined;
    for (;;) {
      try {
        if (lostAt !== undefined) {
          const state = await engine.state(id, this.#released.signal);
          if (state === undefined) throw new LauncherError(`the container ${this.name} was removed`);
          if (!state.running) return state.exitCode;
          lostAt = undefined;
        }
        return await engine.wait(container);
      } catch (error) {
        if (!(error instanceof EngineConnectionError) || this.#released.signal.aborted) throw error;
        lostAt ??= performance.now();
        if (performance.now() - lostAt > reconnectMs) throw error;
        logger.debug({ container: this.name }, `waiting for the engine: ${messageOf(error)}`);
        container = id;
        await sleep(reconnectPauseMs);
      }
    }
  }
}
