import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LauncherError, messageOf, wrap } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import type { ArchiveLimits } from '../../packages/tarGz.js';
import type { Command, PlatformRuntime } from '../platforms/platform.js';
import type { LaunchProgress } from '../types.js';
import { BuildError, runBuildCommand } from './buildCommand.js';
import type { Reaper } from './reaper.js';
import { unpackCodePackage } from '../../packages/unpack.js';
import { isAbandoned, workName } from '../workName.js';

/** What is to be built. */
export interface BuildRequest {
  readonly runtime: PlatformRuntime;
  readonly path: string;
  readonly codePackage: Uint8Array;
  readonly progress: LaunchProgress;
  /** Gives up waiting; the build itself ends when nobody waits for it any more. */
  readonly signal: AbortSignal;
}

export interface BuildStoreOptions {
  /** Finished builds are `‹dir›/‹sha256 of the code package›.‹platform›`. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly limits?: ArchiveLimits;
  readonly logger: Logger;
  readonly reaper: Reaper;
}

/** A build under way, shared by all that need it. */
interface RunningBuild {
  readonly done: Promise<string>;
  readonly abort: AbortController;
  readonly listeners: Set<LaunchProgress>;
}

/** Builds each code package once and keeps the result; an unfinished build never bears a finished one's name. */
export class BuildStore {
  readonly #options: BuildStoreOptions;
  /** What a new request may join. */
  readonly #running = new Map<string, RunningBuild>();
  /** All that are not over, also those that are being given up. */
  readonly #all = new Set<RunningBuild>();
  #swept: Promise<void> | undefined;

  constructor(options: BuildStoreOptions) {
    this.#options = options;
  }

  /** Resolves with the folder of the finished build. */
  async ensure(request: BuildRequest): Promise<string> {
    const { runtime, codePackage, progress, signal } = request;
    signal.throwIfAborted();
    const digest = createHash('sha256').update(codePackage).digest('hex');
    const key = `${digest}.${runtime.variant}`;
    const finished = join(this.#options.dir, key);
    if (await isDirectory(finished)) {
      progress.step('packageKept');
      progress.step('built');
      return finished;
    }
    const build = this.#running.get(key) ?? this.#begin(key, finished, request);
    build.listeners.add(progress);
    try {
      return await orAborted(build.done, signal);
    } finally {
      build.listeners.delete(progress);
      if (build.listeners.size === 0) {
        // Whoever comes now must not find a build that is being given up.
        if (this.#running.get(key) === build) this.#running.delete(key);
        build.abort.abort(new LauncherError('nobody waits for this build'));
        // A start that was given up leaves nothing running. How the build ended is told above, or nobody asks.
        await build.done.catch(() => undefined);
      }
    }
  }

  /** Ends all builds under way. */
  async close(): Promise<void> {
    const builds = [...this.#all];
    for (const { abort } of builds) abort.abort(new LauncherError('the provider was closed'));
    await Promise.allSettled(builds.map(({ done }) => done));
  }

  #begin(key: string, finished: string, request: BuildRequest): RunningBuild {
    const abort = new AbortController();
    const listeners = new Set<LaunchProgress>();
    const all: LaunchProgress = {
      step: (step) => listeners.forEach((listener) => listener.step(step)),
      output: (line) => listeners.forEach((listener) => listener.output(line)),
    };
    const done = this.#build(finished, { ...request, progress: all, signal: abort.signal }).finally(() => {
      if (this.#running.get(key) === build) this.#running.delete(key);
      this.#all.delete(build);
    });
    // Whoever waits sees the failure; when all of them gave up it must not count as unhandled.
    done.catch(() => undefined);
    const build: RunningBuild = { done, abort, listeners };
    this.#all.add(build);
    this.#running.set(key, build);
    return build;
  }

  async #build(finished: string, request: BuildRequest): Promise<string> {
    const { dir, limits, logger } = this.#options;
    await mkdir(dir, { recursive: true });
    this.#swept ??= this.#sweep();
    await this.#swept;
    const work = join(dir, workName());
    const inputDir = join(work, 'input');
    const outputDir = join(work, 'output');
    try {
      await mkdir(inputDir, { recursive: true, mode: 0o700 });
      await mkdir(outputDir);
      await unpackCodePackage(request.codePackage, inputDir, limits, request.signal);
      request.progress.step('packageKept');
      await request.runtime.build({
        inputDir,
        outputDir,
        path: request.path,
        searchPath: this.#options.env['PATH'] ?? '',
        goPath: this.#options.env['GOPATH'] ?? '',
        run: (command, cwd) => this.#run(command, cwd, request),
      });
      request.signal.throwIfAborted();
      await settle(outputDir, finished);
    } catch (error) {
      request.signal.throwIfAborted();
      if (error instanceof BuildError) logger.error(error.message);
      throw wrap('Failed to generate platform-specific docker build', error);
    } finally {
      await rm(work, { recursive: true, force: true }).catch((error: unknown) =>
        logger.warn({ err: error }, `could not remove ${work}`),
      );
    }
    request.progress.step('built');
    return finished;
  }

  #run(command: Command, cwd: string, { progress, signal }: BuildRequest): Promise<void> {
    const { env, timeoutMs, reaper } = this.#options;
    return runBuildCommand(command, {
      cwd,
      env,
      timeoutMs,
      signal,
      onLine: (line) => progress.output(line),
      onGroup: (pgid, running) => (running ? reaper.watch(pgid) : reaper.forget(pgid)),
    });
  }

  /** Removes what builds of ended processes have left. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#options.dir)) {
      if (!isAbandoned(name)) continue;
      await rm(join(this.#options.dir, name), { recursive: true, force: true }).catch((error: unknown) =>
        this.#options.logger.warn(`could not remove an old build: ${messageOf(error)}`),
      );
    }
  }
}

/** Gives the build its name in one step. Another process may have been quicker: its build is as good. */
async function settle(outputDir: string, finished: string): Promise<void> {
  try {
    await rename(outputDir, finished);
  } catch (error) {
    if (!(await isDirectory(finished))) throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The promise, or the signal's reason as soon as it is aborted. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new LauncherError('aborted'));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
