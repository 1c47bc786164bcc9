import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a block of commands left. */
export interface BlockResult {
  readonly code: number;
  readonly output: string;
}

/** A shell in which blocks are typed one after the other, as a reader of a page does. A failing command ends its block. */
export class Terminal {
  readonly #shell: ChildProcess;
  readonly #ended: Promise<number>;
  #output = '';
  #blocks = 0;

  constructor(folder: string, env: NodeJS.ProcessEnv) {
    // A group of its own: what blocks leave in the background ends with it.
    this.#shell = spawn('bash', ['--norc'], { cwd: folder, env, detached: true, stdio: 'pipe' });
    this.#ended = once(this.#shell, 'exit').then(async ([code]) => {
      // What it has said may come after its end. Its pipes do not tell: what it left in the background keeps them open.
      await sleep(200);
      return Number(code ?? 1);
    });
    const add = (chunk: Buffer): unknown => (this.#output += chunk.toString());
    this.#shell.stdout!.on('data', add);
    this.#shell.stderr!.on('data', add);
  }

  /** Types a block, and resolves when it has ended. */
  async run(commands: string): Promise<BlockResult> {
    const mark = `::end of block ${++this.#blocks}::`;
    const from = this.#output.length;
    this.type(`set -e\n${commands}\nset +e\necho "${mark} 0"\n`);
    const code = await Promise.race([this.#ended, this.#until(mark).then(() => 0)]);
    return { code, output: this.#output.slice(from).replace(`${mark} 0`, '').trim() };
  }

  /** Types a block that does not end by itself, and resolves when its output has the text. */
  async runUntil(commands: string, text: string): Promise<void> {
    const ended = this.#ended.then(() => {
      throw new Error(`ended before it said "${text}": ${this.#output}`);
    });
    this.type(`set -e\n${commands}\nexit\n`);
    await Promise.race([ended, this.#until(text)]);
  }

  type(text: string): void {
    this.#shell.stdin!.write(text);
  }

  #until(text: string): Promise<void> {
    return new Promise((done) => {
      const look = (): void => {
        if (!this.#output.includes(text)) return;
        this.#shell.stdout!.off('data', look);
        done();
      };
      this.#shell.stdout!.on('data', look);
      look();
    });
  }

  /** Ends the shell and everything that it has started. */
  async close(): Promise<void> {
    const { pid } = this.#shell;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGTERM');
    } catch {
      return; // Nothing of its group is left.
    }
    await this.#ended;
  }
}
