import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTar } from '../../packages/tarWriter.js';
import type { PlatformRuntime } from '../platforms/platform.js';
import type { LaunchStep } from '../types.js';
import { BuildStore, type BuildRequest } from './buildStore.js';
import { Reaper } from './reaper.js';

const logger = pino({ level: 'silent' });
let dir: string;
let reaper: Reaper;
let store: BuildStore;
let builds: number;

/** A platform whose build is a shell script out of the package. */
const shellPlatform: PlatformRuntime = {
  variant: 'sh',
  build: async (context) => {
    builds += 1;
    await context.run(
      { argv: ['/bin/sh', join(context.inputDir, 'src/build.sh')], env: { OUT: context.outputDir } },
      context.inputDir,
    );
  },
  start: async () => ({ argv: ['true'] }),
};

function request(
  script: string,
  overrides: Partial<BuildRequest> = {},
): BuildRequest & { lines: string[]; steps: LaunchStep[] } {
  const lines: string[] = [];
  const steps: LaunchStep[] = [];
  return {
    runtime: shellPlatform,
    path: 'cc',
    codePackage: gzipSync(makeTar([{ name: 'src/build.sh', content: Buffer.from(script) }])),
    progress: { step: (step) => steps.push(step), output: (line) => lines.push(line) },
    signal: new AbortController().signal,
    lines,
    steps,
    ...overrides,
  };
}

/** Does this process run? One that ended but was not collected has no command line. */
function runs(pid: string): boolean {
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) && readFileSync(file, 'utf8') !== '';
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'builds-'));
  builds = 0;
  reaper = new Reaper(logger);
  store = new BuildStore({
    dir,
    env: { PATH: process.env['PATH'] ?? '' },
    timeoutMs: 20_000,
    logger,
    reaper,
  });
});
afterEach(async () => {
  await store.close();
  await reaper.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('a build', () => {
  it('runs once, for all that want it at the same time and later', async () => {
    const wanted = Array.from({ length: 10 }, () =>
      request('sleep 0.1; echo built > $OUT/result; echo line'),
    );
    const folders = await Promise.all(wanted.map((one) => store.ensure(one)));
    expect(new Set(folders).size).toBe(1);
    expect(readFileSync(join(folders[0]!, 'result'), 'utf8')).toBe('built\n');
    for (const { lines, steps } of wanted) {
      expect(lines).toEqual(['line']);
      expect(steps).toEqual(['packageKept', 'built']);
    }
    expect(await store.ensure(request('sleep 0.1; echo built > $OUT/result; echo line'))).toBe(folders[0]);
    expect(builds).toBe(1);
    expect(readdirSync(dir)).toHaveLength(1);
  });

  it("that fails says so in Fabric's words with the end of its output, leaves nothing, and is tried again", async () => {
    const script = 'i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo "line $i"; done; exit 7';
    const error = await store.ensure(request(script)).catch((e: unknown) => e as Error);
    expect((error as Error).message).toMatch(
      /^Failed to generate platform-specific docker build: Error returned from build: 7 "line 21\n(.*\n)*line 40"$/,
    );
    expect(readdirSync(dir)).toEqual([]);
    await expect(store.ensure(request(script))).rejects.toThrow('Error returned from build: 7');
    expect(builds).toBe(2);
  });

  it('that takes too long is ended with all its children', async () => {
    store = new BuildStore({ dir, env: { PATH: process.env['PATH'] ?? '' }, timeoutMs: 300, logger, reaper });
    const one = request('sleep 60 & echo $!; wait');
    await expect(store.ensure(one)).rejects.toThrow('Error returned from build: -1 "not done after 0.3 s');
    expect(runs(one.lines[0]!)).toBe(false);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('ends when nobody waits for it any more, and goes on while somebody does', async () => {
    const script = 'echo $$; sleep 0.4; echo ok > $OUT/result';
    const [first, second] = [new AbortController(), new AbortController()];
    const one = request(script, { signal: first.signal });
    const two = request(script, { signal: second.signal });
    const building = [store.ensure(one), store.ensure(two)];
    first.abort(new Error('stopped'));
    await expect(building[0]).rejects.toThrow('stopped');
    expect(existsSync(join((await building[1])!, 'result'))).toBe(true);

    const third = new AbortController();
    const other = request('sleep 60 & echo $!; wait # alone', { signal: third.signal });
    const alone = store.ensure(other);
    while (other.lines.length === 0) await sleep(5);
    third.abort(new Error('stopped'));
    await expect(alone).rejects.toThrow('stopped');
    await store.close();
    expect(runs(other.lines[0]!)).toBe(false);
    expect(readdirSync(dir)).toHaveLength(1);
  });

  it('that a killed process left unfinished is never taken for a finished one', async () => {
    mkdirSync(join(dir, '.999999999-dead/output'), { recursive: true });
    writeFileSync(join(dir, '.999999999-dead/output/result'), 'half');
    const folder = await store.ensure(request('echo whole > $OUT/result'));
    expect(readFileSync(join(folder, 'result'), 'utf8')).toBe('whole\n');
    expect(readdirSync(dir)).toEqual([folder.slice(dir.length + 1)]);
  });

  it('of a bad package says why and leaves nothing', async () => {
    const codePackage = gzipSync(Buffer.alloc(1024, 'x'));
    await expect(store.ensure(request('', { codePackage }))).rejects.toThrow(
      'Failed to generate platform-specific docker build: failed to unpack code package: archive/tar: invalid tar header',
    );
    expect(readdirSync(dir)).toEqual([]);
  });
});
