import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import type { FakeCluster } from './fakeCluster.js';
import { RunningProgram } from './program.js';

/** Of the distribution, or the one that CHROMIUM names. */
const chromiumPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** A real browser is needed: outside CI the suite runs only where there is one, and says so. */
export function wantsChromium(): boolean {
  if (existsSync(chromiumPath)) return true;
  if (process.env['CI']) throw new Error(`no Chromium at ${chromiumPath} (set CHROMIUM to its path)`);
  process.stderr.write(`SKIPPED: the status page in a browser: there is no Chromium at ${chromiumPath}\n`);
  return false;
}

/** With a profile of its own, which goes with it, and without anything that it would do on the network by itself. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The built program's operator with its status page, before a cluster that is not real. */
export class PageOperator {
  readonly #folder = mkdtempSync(join(tmpdir(), 'status-page-'));
  readonly #cluster: FakeCluster;
  #program: RunningProgram | undefined;
  #port = '0';

  constructor(cluster: FakeCluster) {
    this.#cluster = cluster;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens where it listened before, if it did. */
  async start(...more: string[]): Promise<void> {
    const kubeconfig = join(this.#folder, 'config');
    writeFileSync(kubeconfig, this.#cluster.kubeconfig);
    const args = ['operator', '--image', 'launcher:1', '--kubeconfig', kubeconfig];
    const listen = ['--operations-address', '127.0.0.1:0', '--status-page', `127.0.0.1:${this.#port}`];
    this.#program = await RunningProgram.start([...args, ...listen, ...more], 'status page at http://');
    this.#port = /status page at http:\/\/127\.0\.0\.1:(\d+)\//.exec(this.#program.log)![1]!;
  }

  /** Resolves with the exit code. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    return (await this.#program?.stop(signal)) ?? null;
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
