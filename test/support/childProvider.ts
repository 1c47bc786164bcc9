import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CCID, ExitStatus, VMProvider, VMStart } from '../../src/launcher/types.js';
import { vmName } from '../../src/launcher/vmController.js';

interface Running {
  readonly child: ChildProcess;
  readonly exit: Promise<ExitStatus>;
}

export interface ChildProviderOptions {
  /** The folder with chaincode.js. */
  readonly dir: string;
  /** Added to the environment of every start. */
  readonly env?: Record<string, string>;
  /** The Node.js that chaincode runs on. @default this one */
  readonly node?: string;
}

/** Starts chaincode.js of a folder as a bare child process: the smallest VM for tests with real shims. */
export class ChildProvider implements VMProvider {
  readonly name = 'child';
  readonly starts: VMStart[] = [];
  readonly env: Record<string, string>;
  readonly #dir: string;
  readonly #node: string;
  readonly #running = new Map<string, Running>();

  constructor(options: ChildProviderOptions) {
    this.#dir = options.dir;
    this.#node = options.node ?? process.execPath;
    this.env = { ...options.env };
  }

  async start(request: VMStart): Promise<void> {
    this.starts.push(request);
    const secrets = mkdtempSync(join(tmpdir(), 'child-'));
    const env: Record<string, string> = { PATH: process.env['PATH'] ?? '', ...request.env, ...this.env };
    for (const file of request.files) {
      const path = join(secrets, basename(file.path));
      writeFileSync(path, file.content, { mode: file.mode });
      for (const [name, value] of Object.entries(env)) if (value === file.path) env[name] = path;
    }
    const args = ['chaincode.js', '--peer.address', request.peerAddress];
    const child = spawn(this.#node, args, { cwd: this.#dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => request.progress.output(line));
    }
    const exit = once(child, 'close').then((values): ExitStatus => {
      const [code, signal] = values as [number | null, string | null];
      rmSync(secrets, { recursive: true, force: true });
      this.#running.delete(vmName(request.ccid));
      return { exitCode: code ?? 137, ...(signal !== null && { signal }), lastLines: [] };
    });
    this.#running.set(vmName(request.ccid), { child, exit });
    await once(child, 'spawn');
  }

  async wait(ccid: CCID): Promise<ExitStatus> {
    const running = this.#running.get(vmName(ccid));
    if (!running) throw new Error(`${vmName(ccid)} not running`);
    return running.exit;
  }

  async stop(ccid: CCID): Promise<void> {
    const running = this.#running.get(vmName(ccid));
    running?.child.kill('SIGKILL');
    await running?.exit;
  }

  pid(ccid: CCID): number | undefined {
    return this.#running.get(vmName(ccid))?.child.pid;
  }

  async healthCheck(): Promise<void> {
    // A child process needs nothing.
  }

  async close(): Promise<void> {
    for (const { child } of this.#running.values()) child.kill('SIGKILL');
    await Promise.all([...this.#running.values()].map(({ exit }) => exit));
  }
}
