import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { launcherImage } from './kubectl.js';

const program = resolve(import.meta.dirname, '../../../dist/main.js');

/** The operator as a process beside the cluster, which tests may kill. */
export class OperatorProcess {
  readonly #namespace: string;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #log = '';

  constructor(namespace: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
    this.#namespace = namespace;
    this.#args = args;
    this.#env = env;
  }

  /** @param until resolve when the log has this text */
  async start(until = 'leading'): Promise<void> {
    const args = ['operator', '-n', this.#namespace, '--image', launcherImage];
    const child = spawn(
      process.execPath,
      [program, ...args, '--operations-address', '127.0.0.1:0', ...this.#args],
      {
        env: { ...process.env, ...this.#env },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#child = child;
    const begin = this.#log.length;
    await new Promise<void>((done, failed) => {
      child.stderr.on('data', (chunk: Buffer) => {
        this.#log += chunk.toString();
        if (this.#log.slice(begin).includes(until)) done();
      });
      child.once('exit', (code) =>
        failed(new Error(`the operator ended with ${code}: ${this.#log.slice(begin)}`)),
      );
    });
  }

  get log(): string {
    return this.#log;
  }

  get runs(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves with the exit code when the process is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (!child || !this.runs) return child?.exitCode ?? null;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
      child.kill(signal);
      return null;
    }
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    child.kill(signal);
    return ended;
  }
}
