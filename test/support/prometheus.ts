import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePorts } from '../../src/app/devPorts.js';
import { Prometheus } from '../../monitoring/prometheus/api.js';

const found = spawnSync('prometheus', ['--version']).error === undefined;

/** Is Prometheus (Debian: package prometheus) on the PATH? Where it is not, its tests are skipped; in CI that is an error. */
export function hasPrometheus(): boolean {
  if (found) return true;
  const text =
    'prometheus is not on the PATH: dashboards are not asked for (Debian: apt-get install prometheus)';
  if (process.env['CI'] === 'true') throw new Error(text);
  console.warn(text);
  return false;
}

/** A Prometheus of its own, with its data in a folder that goes with it. */
export class TestPrometheus {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #dir: string;

  private constructor(url: string, child: ChildProcess, dir: string) {
    this.url = url;
    this.#child = child;
    this.#dir = dir;
  }

  /**
   * Starts it with a scrape every second. Resolves when every target was scraped: Prometheus takes 5 s from its start to the
   * first scrape, and what is counted before that never shows as growth.
   * @param jobs addresses (host:port) by the name of their job
   */
  static start(jobs: Readonly<Record<string, readonly string[]>>): Promise<TestPrometheus> {
    const scrapeConfigs = Object.entries(jobs).map(([job, targets]) => ({
      job_name: job,
      static_configs: [{ targets }],
    }));
    return TestPrometheus.with({ scrape_configs: scrapeConfigs }, Object.values(jobs).flat().length);
  }

  /**
   * Like start, with more of prometheus.yml.
   * @param targets how many there are to be scraped
   */
  static async with(settings: object, targets: number): Promise<TestPrometheus> {
    const dir = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      ...settings,
    };
    writeFileSync(join(dir, 'prometheus.yml'), stringify(config));
    const { operations } = await freePorts();
    const address = `127.0.0.1:${operations}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(dir, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(dir, 'data')}`,
        `--web.listen-address=${address}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const prometheus = new TestPrometheus(`http://${address}`, child, dir);
    for (const end = Date.now() + 60_000; (await prometheus.#scraped()) < targets;) {
      if (child.exitCode !== null || Date.now() > end) {
        await prometheus.remove();
        throw new Error(`prometheus has not scraped ${targets} targets: ${log}`);
      }
      await sleep(100);
    }
    return prometheus;
  }

  /** How many targets were there when it last looked. */
  async #scraped(): Promise<number> {
    // It refuses connections until it listens, and queries until it is ready.
    const up = await new Prometheus(this.url).query('count(up == 1)').catch(() => []);
    return up[0]?.points[0]?.[1] ?? 0;
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = new Promise((done) => this.#child.once('exit', done));
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
