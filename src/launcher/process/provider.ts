import { constants } from 'node:fs';
import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { LauncherError, messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import type { ArchiveLimits } from '../../packages/tarGz.js';
import { platformRuntime } from '../platforms/runtimes.js';
import type { CCID, ExitStatus, VMProvider, VMStart } from '../types.js';
import { BuildStore } from './buildStore.js';
import { ChaincodeProcess } from './chaincodeProcess.js';
import { LaunchFolder } from './launchFiles.js';
import { isAbandoned } from '../workName.js';
import { Reaper } from './reaper.js';

/** Options of the process provider. */
export interface ProcessVMOptions {
  /** Holds builds and the private folders of launches. */
  readonly dir: string;
  readonly logger: Logger;
  /** The logger of one chaincode's output; default a child of `logger` named `peer.chaincode.‹name›-‹version›`. */
  readonly chaincodeLogger?: (name: string) => Pick<Logger, 'info'>;
  /** Where PATH and the settings of builds (npm_config_…, proxies, HOME) come from. Default process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default 300,000. */
  readonly buildTimeoutMs?: number;
  /** Between SIGTERM and SIGKILL. Default 5,000. */
  readonly killGraceMs?: number;
  readonly limits?: ArchiveLimits;
}

/** What a build may see of our environment: how to reach registries and proxies, nothing of ours. */
const buildVariables =
  /^(PATH|HOME|LANG|LC_\w+|TMPDIR|JAVA_HOME|MAVEN_OPTS|GRADLE_USER_HOME|GO(PATH|CACHE|ROOT|PROXY|FLAGS|MODCACHE|SUMDB)|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|npm_config_\w+|(https?|no|all)_proxy)$/i;
/** What a chaincode sees of it. */
const runVariables = /^(LANG|LC_\w+|TZ|JAVA_HOME)$/;

/** One name's place: a launch under way, running, or ended and not yet asked about. */
interface Instance {
  readonly abort: AbortController;
  /** Set as soon as the process runs. */
  process?: ChaincodeProcess;
  /** Settles when the start is over, whichever way. */
  started: Promise<void>;
}

/** Runs chaincode as child processes of this program (the embedded default; needs nothing but the platform's tools). */
export class ProcessVMProvider implements VMProvider {
  readonly name = 'process';
  readonly #options: ProcessVMOptions;
  readonly #killGraceMs: number;
  readonly #searchPath: string;
  readonly #reaper: Reaper;
  readonly #builds: BuildStore;
  readonly #instances = new Map<string, Instance>();
  #prepared: Promise<void> | undefined;
  #closed = false;

  constructor(options: ProcessVMOptions) {
    this.#options = options;
    this.#killGraceMs = options.killGraceMs ?? 5000;
    const env = options.env ?? process.env;
    // The Node.js that runs us is the one that builds and runs chaincode, even when PATH has another or none.
    this.#searchPath = [dirname(process.execPath), env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(
      delimiter,
    );
    this.#reaper = new Reaper(options.logger);
    this.#builds = new BuildStore({
      dir: join(options.dir, 'builds'),
      env: { ...pick(env, buildVariables), PATH: this.#searchPath },
      timeoutMs: options.buildTimeoutMs ?? 300_000,
      logger: options.logger,
      reaper: this.#reaper,
      ...(options.limits && { limits: options.limits }),
    });
  }

  async start(request: VMStart): Promise<void> {
    if (this.#closed) throw new LauncherError('the process provider was closed');
    const key = keyOf(request.ccid);
    // As with containers, a launch takes the place of whatever is left under its name.
    await this.stop(request.ccid);
    const instance: Instance = { abort: new AbortController(), started: Promise.resolve() };
    this.#instances.set(key, instance);
    const starting = this.#start(request, instance);
    instance.started = starting.catch(() => undefined);
    try {
      await starting;
    } catch (error) {
      if (this.#instances.get(key) === instance) this.#instances.delete(key);
      throw error;
    }
  }

  async wait(ccid: CCID): Promise<ExitStatus> {
    const running = this.#instances.get(keyOf(ccid))?.process;
    if (running === undefined) throw new LauncherError(`no such process: ${keyOf(ccid)}`);
    return running.exited;
  }

  async stop(ccid: CCID): Promise<void> {
    const instance = this.#instances.get(keyOf(ccid));
    if (instance === undefined) return;
    instance.abort.abort(new LauncherError(`${keyOf(ccid)} was stopped while it was starting`));
    await instance.started;
    await instance.process?.stop(this.#killGraceMs);
    if (this.#instances.get(keyOf(ccid)) === instance) this.#instances.delete(keyOf(ccid));
  }

  async healthCheck(): Promise<void> {
    try {
      await this.#prepare();
      await access(this.#options.dir, constants.W_OK);
    } catch (cause) {
      throw new LauncherError(`can not write to ${this.#options.dir}: ${messageOf(cause)}`, { cause });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#instances.values()];
    await Promise.all([
      this.#builds.close(),
      ...all.map(async (instance) => {
        instance.abort.abort(new LauncherError('the process provider was closed'));
        await instance.started;
        await instance.process?.stop(this.#killGraceMs);
      }),
    ]);
    this.#instances.clear();
    await this.#reaper.close();
  }

  async #start(request: VMStart, instance: Instance): Promise<void> {
    const own = instance.abort.signal;
    const signal = request.signal ? AbortSignal.any([own, request.signal]) : own;
    const runtime = platformRuntime(request.type);
    await this.#prepare();
    const directory = await this.#builds.ensure({
      runtime,
      path: request.path,
      codePackage: request.codePackage,
      progress: request.progress,
      signal,
    });
    const command = await runtime.start(directory, request);
    const folder = await LaunchFolder.create(this.#launchesDir, request.files);
    try {
      signal.throwIfAborted();
      instance.process = await ChaincodeProcess.start({
        command,
        cwd: directory,
        env: this.#environment(request, command.env ?? {}, folder),
        reaper: this.#reaper,
        onLine: this.#lineWriter(request),
        onEnded: () => this.#remove(folder),
      });
    } catch (error) {
      await this.#remove(folder);
      throw error;
    }
    request.progress.step('started');
  }

  get #launchesDir(): string {
    return join(this.#options.dir, 'launches');
  }

  #environment(
    request: VMStart,
    platformEnv: Readonly<Record<string, string>>,
    folder: LaunchFolder,
  ): Record<string, string> {
    return {
      ...pick(this.#options.env ?? process.env, runVariables),
      HOME: folder.path,
      TMPDIR: folder.path,
      ...platformEnv,
      PATH: [platformEnv['PATH'], this.#searchPath].filter(Boolean).join(delimiter),
      ...folder.translate(request.env),
    };
  }

  #lineWriter(request: VMStart): (line: string) => void {
    const name = `peer.chaincode.${request.ccid.name}-${request.ccid.version}`;
    const logger = this.#options.chaincodeLogger?.(name) ?? this.#options.logger.child({ logger: name });
    return (line) => {
      logger.info(line);
      request.progress.output(line);
    };
  }

  async #remove(folder: LaunchFolder): Promise<void> {
    await folder.remove().catch((error: unknown) => {
      this.#options.logger.warn({ err: error }, `could not remove ${folder.path}`);
    });
  }

  /** Once: makes the folders, and removes the secrets that a killed predecessor has left. */
  #prepare(): Promise<void> {
    this.#prepared ??= this.#prepareOnce();
    return this.#prepared;
  }

  async #prepareOnce(): Promise<void> {
    await mkdir(this.#launchesDir, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#launchesDir)) {
      if (isAbandoned(name)) await rm(join(this.#launchesDir, name), { recursive: true, force: true });
    }
  }
}

function keyOf(ccid: CCID): string {
  // With a dash, as in container names, a-b:1 and a:b-1 would be one.
  return `${ccid.name}:${ccid.version}`;
}

function pick(env: Readonly<Record<string, string | undefined>>, names: RegExp): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && names.test(name)) picked[name] = value;
  }
  return picked;
}
