import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runCommand, type CommandResult } from './command.js';

const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'dist', 'main.js');

/** The built program as a server of its own process. */
export class RunningProgram {
  readonly #child: ChildProcess;
  #log = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#log += chunk.toString()));
  }

  /** Starts it and waits until it has printed `ready`. */
  static async start(
    args: readonly string[],
    ready: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunningProgram> {
    if (!existsSync(program)) throw new Error('dist/main.js is missing: run make build');
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const running = new RunningProgram(child);
    for (const end = Date.now() + 30_000; !running.log.includes(ready);) {
      if (child.exitCode !== null) throw new Error(`${args[0]} ended with ${child.exitCode}: ${running.log}`);
      if (Date.now() > end) throw new Error(`${args[0]} is not ready: ${running.log}`);
      await new Promise((done) => setTimeout(done, 50));
    }
    return running;
  }

  /** All that it has printed. */
  get log(): string {
    return this.#log;
  }

  /** Ends it and gives its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), 15_000);
    const code = await ended;
    clearTimeout(force);
    return code;
  }
}

/** Runs one command of the built program to its end. */
export function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<CommandResult> {
  return runCommand(process.execPath, [program, ...args], { cwd: root, env: { ...process.env, ...env } });
}
