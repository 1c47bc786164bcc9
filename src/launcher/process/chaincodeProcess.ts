import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { LauncherError } from '../../errors.js';
import type { Command } from '../platforms/platform.js';
import type { ExitStatus } from '../types.js';
import { followLines, LastLines } from '../lines.js';
import { endGroup, killGroup } from './processGroup.js';
import type { Reaper } from './reaper.js';

export interface ChaincodeProcessOptions {
  readonly command: Command;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly reaper: Reaper;
  readonly onLine: (line: string) => void;
  /** Runs when nothing of the process is left, before `exited` resolves. */
  readonly onEnded: () => Promise<void>;
}

/** How many lines a failed launch can show. */
const keptLines = 50;

/**
 * The shell waits for one line before it becomes the chaincode. By then the reaper knows the process, so there is no
 * moment at which our own death would leave it behind: without the line it just ends.
 */
const gate = 'read -r go || exit 1; exec "$@" </dev/null';

/** One running chaincode: a process group of its own. */
export class ChaincodeProcess {
  /** Resolves when the process has ended and nothing of its group is left. Never rejects. */
  readonly exited: Promise<ExitStatus>;
  readonly #pgid: number;
  /** Settles when a stop has ended the group; undefined while nobody stops it. */
  #stopping: Promise<void> | undefined;

  private constructor(child: ChildProcess, pgid: number, options: ChaincodeProcessOptions) {
    this.#pgid = pgid;
    // As in a container nothing outlives the first process; while it is stopped the others have their grace, too.
    this.exited = follow(child, pgid, options, () => this.#stopping ?? killGroup(pgid));
  }

  /** Starts the command. Rejects when the program can not be started at all. */
  static async start(options: ChaincodeProcessOptions): Promise<ChaincodeProcess> {
    const child = spawn('/bin/sh', ['-c', gate, 'chaincode', ...options.command.argv], {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const pgid = await new Promise<number>((resolve, reject) => {
      child.once('error', (error) =>
        reject(
          new LauncherError(`could not start ${options.command.argv[0]}: ${error.message}`, { cause: error }),
        ),
      );
      child.once('spawn', () => child.pid !== undefined && resolve(child.pid));
    });
    const started = new ChaincodeProcess(child, pgid, options);
    options.reaper.watch(pgid);
    // The process may be gone already; its end is told by `exited`.
    child.stdin.on('error', () => undefined);
    child.stdin.end('go\n');
    return started;
  }

  /** SIGTERM for the whole group, SIGKILL after the grace. Resolves when all is gone. */
  async stop(graceMs: number): Promise<ExitStatus> {
    this.#stopping ??= endGroup(this.#pgid, graceMs);
    await this.#stopping;
    return this.exited;
  }
}

async function follow(
  child: ChildProcess,
  pgid: number,
  { reaper, onLine, onEnded }: ChaincodeProcessOptions,
  endRest: () => Promise<void>,
): Promise<ExitStatus> {
  const tail = new LastLines(keptLines);
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    followLines(stream, (line) => {
      tail.push(line);
      onLine(line);
    });
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('exit', (exitCode, exitSignal) => resolve([exitCode, exitSignal])),
  );
  await endRest();
  reaper.forget(pgid);
  // Its last lines; somebody outside the group could hold the pipe open for ever.
  const patience = new AbortController();
  await Promise.race([closed, sleep(1000, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  child.stdout?.destroy();
  child.stderr?.destroy();
  await onEnded();
  const lastLines = tail.toArray();
  if (signal === null) return { exitCode: code ?? -1, lastLines };
  // 137 for SIGKILL and 143 for SIGTERM, as Docker reports them.
  return { exitCode: 128 + constants.signals[signal], signal, lastLines };
}
