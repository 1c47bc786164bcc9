import { spawn } from 'node:child_process';
import { LauncherError } from '../../errors.js';
import type { Command } from '../platforms/platform.js';
import { followLines, LastLines } from '../lines.js';
import { endGroup, killGroup } from './processGroup.js';

/** A build command ended with an error; the text is Fabric's, with the last lines of its output. */
export class BuildError extends LauncherError {
  override readonly name = 'BuildError';
}

export interface BuildCommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Gets every line that the command prints. */
  readonly onLine: (line: string) => void;
  /** Told the process group while it runs, so that it can be ended from elsewhere. */
  readonly onGroup: (pgid: number, running: boolean) => void;
}

/** How many lines of a build's output its error carries. */
const linesInError = 20;

/**
 * Runs one command of a build in a process group of its own. Nothing of the group is left when this settles.
 * @throws BuildError `Error returned from build: ‹rc› "‹last lines›"`
 */
export async function runBuildCommand(command: Command, options: BuildCommandOptions): Promise<void> {
  options.signal.throwIfAborted();
  const [program, ...args] = command.argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env, ...command.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tail = new LastLines(linesInError);
  const onLine = (line: string): void => {
    tail.push(line);
    options.onLine(line);
  };
  followLines(child.stdout, onLine);
  followLines(child.stderr, onLine);
  const closed = new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new BuildError(`Error executing build: ${error.message} ""`, { cause: error })),
    );
    child.once('exit', () => child.pid !== undefined && void killGroup(child.pid));
    child.once('close', (code) => resolve(code ?? -1));
  });
  const pgid = child.pid;
  if (pgid === undefined) {
    await closed;
    return;
  }
  options.onGroup(pgid, true);
  const stop = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const onStop = (): void => void endGroup(pgid, 2000);
  stop.addEventListener('abort', onStop);
  try {
    const code = await closed;
    options.signal.throwIfAborted();
    const output = tail.toArray().join('\n');
    if (stop.aborted) {
      throw new BuildError(
        `Error returned from build: -1 "not done after ${options.timeoutMs / 1000} s: ${output}"`,
      );
    }
    if (code !== 0) throw new BuildError(`Error returned from build: ${code} "${output}"`);
  } finally {
    stop.removeEventListener('abort', onStop);
    await killGroup(pgid);
    options.onGroup(pgid, false);
  }
}
