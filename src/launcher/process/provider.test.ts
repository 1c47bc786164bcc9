import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pino } from 'pino';
import { makeTar } from '../../packages/tarWriter.js';
import type { LaunchStep, VMStart } from '../types.js';
import { ProcessVMProvider, type ProcessVMOptions } from './provider.js';
import { groupRuns } from './processGroup.js';

const root = join(import.meta.dirname, '../../..');
const logger = pino({ level: 'silent' });
let dir: string;
let provider: ProcessVMProvider;

function makeProvider(options: Partial<ProcessVMOptions> = {}): ProcessVMProvider {
  return new ProcessVMProvider({ dir, logger, killGraceMs: 300, ...options });
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'process-provider-'));
  provider = makeProvider();
});

afterEach(async () => {
  await provider.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A code package whose start script runs `code`; a bundled node_modules, so that no npm is needed. */
function packageOf(code: string, files: Record<string, string> = {}, start = 'node main.js'): Uint8Array {
  const all: Record<string, string> = {
    'package.json': JSON.stringify({ name: 'cc', version: '1.0.0', scripts: { start } }),
    'main.js': code,
    'node_modules/none/package.json': '{}',
    ...files,
  };
  return gzipSync(
    makeTar(Object.entries(all).map(([name, text]) => ({ name: `src/${name}`, content: Buffer.from(text) }))),
  );
}

interface Recorded {
  readonly request: VMStart;
  readonly steps: LaunchStep[];
  readonly lines: string[];
}

function launch(codePackage: Uint8Array, overrides: Partial<VMStart> = {}): Recorded {
  const steps: LaunchStep[] = [];
  const lines: string[] = [];
  const request: VMStart = {
    ccid: { name: 'cc', version: '1.0' },
    type: 'NODE',
    path: 'cc',
    args: ['/bin/sh', '-c', 'cd /usr/local/src; npm start -- --peer.address 127.0.0.1:7052'],
    env: { CORE_CHAINCODE_ID_NAME: 'cc:1.0' },
    files: [],
    codePackage,
    peerAddress: '127.0.0.1:7052',
    progress: { step: (step) => steps.push(step), output: (line) => lines.push(line) },
    ...overrides,
  };
  return { request, steps, lines };
}

/** Waits until `condition` holds; fails after five seconds. */
async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end;) {
    if (await condition()) return;
    await sleep(10);
  }
  throw new Error(`not within 5 s: ${what}`);
}

const forever = 'setInterval(() => {}, 1000);';
const printPid = 'console.log("pid " + process.pid);';
const pidIn = (lines: readonly string[]): number =>
  Number(/pid (\d+)/.exec(lines.find((line) => line.startsWith('pid ')) ?? '')?.[1]);

describe('a chaincode process', () => {
  it.each([0, 1, 7])('reports exit code %i and the last lines', async (code) => {
    const { request, steps, lines } = launch(packageOf(`console.log("bye"); process.exitCode = ${code};`));
    await provider.start(request);
    const exit = await provider.wait(request.ccid);
    expect(exit).toEqual({ exitCode: code, lastLines: ['bye'] });
    expect(lines).toContain('bye');
    expect(steps).toEqual(['packageKept', 'built', 'started']);
  });

  it('reports 137 when it is killed and 143 when it is terminated', async () => {
    for (const [signal, exitCode] of [
      ['SIGKILL', 137],
      ['SIGTERM', 143],
    ] as const) {
      const { request, lines } = launch(packageOf(printPid + forever));
      await provider.start(request);
      await until(() => pidIn(lines) > 0, 'the chaincode prints its pid');
      process.kill(pidIn(lines), signal);
      expect(await provider.wait(request.ccid)).toMatchObject({ exitCode, signal });
    }
  });

  it('gets the peer address as arguments, the contract environment and nothing else of ours', async () => {
    const show =
      'console.log(JSON.stringify({ args: process.argv.slice(2), env: process.env, cwd: process.cwd() }));';
    const { request, lines } = launch(packageOf(show), {
      env: {
        CORE_CHAINCODE_ID_NAME: 'cc:1.0',
        CORE_TLS_CLIENT_KEY_PATH: '/etc/hyperledger/fabric/client.key',
      },
      files: [{ path: '/etc/hyperledger/fabric/client.key', content: Buffer.from('secret'), mode: 0o600 }],
    });
    provider = makeProvider({ env: { PATH: process.env['PATH'], HOME: '/nowhere', SECRET_OF_OURS: '1' } });
    await provider.start(request);
    await provider.wait(request.ccid);
    const seen = JSON.parse(lines[0]!) as { args: string[]; env: Record<string, string>; cwd: string };
    expect(seen.args).toEqual(['--peer.address', '127.0.0.1:7052']);
    expect(seen.env['CORE_CHAINCODE_ID_NAME']).toBe('cc:1.0');
    expect(seen.env).not.toHaveProperty('SECRET_OF_OURS');
    expect(seen.env['CORE_TLS_CLIENT_KEY_PATH']).toMatch(new RegExp(`^${dir}/launches/.*client\\.key$`));
    expect(seen.env['HOME']).toMatch(new RegExp(`^${dir}/launches/`));
  });

  it('has its keys in files of mode 0600 that are gone when it has ended', async () => {
    const path = '/etc/hyperledger/fabric/client.key';
    const show = `
      const fs = require('fs'); const file = process.env.CORE_TLS_CLIENT_KEY_PATH;
      console.log(fs.readFileSync(file, 'utf8'), (fs.statSync(file).mode & 0o777).toString(8));`;
    const { request, lines } = launch(packageOf(show), {
      env: { CORE_TLS_CLIENT_KEY_PATH: path },
      files: [{ path, content: Buffer.from('secret'), mode: 0o600 }],
    });
    await provider.start(request);
    await provider.wait(request.ccid);
    expect(lines).toEqual(['secret 600']);
    expect(readdirSync(join(dir, 'launches'))).toEqual([]);
  });

  it('is stopped with grandchildren that ignore SIGTERM', async () => {
    const stubborn = `process.on('SIGTERM', () => {}); ${printPid} ${forever}`;
    const code = `
      require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}], { stdio: 'inherit' });
      process.on('SIGTERM', () => {}); ${forever}`;
    const { request, lines } = launch(packageOf(code));
    await provider.start(request);
    await until(() => pidIn(lines) > 0, 'the grandchild runs');
    const waiting = provider.wait(request.ccid);
    await provider.stop(request.ccid);
    expect(
      existsSync(`/proc/${pidIn(lines)}/cmdline`) && readFileSync(`/proc/${pidIn(lines)}/cmdline`, 'utf8'),
    ).toBeFalsy();
    expect(await waiting).toMatchObject({ exitCode: 137, signal: 'SIGKILL' });
  });

  it('takes grandchildren with it when it ends by itself', async () => {
    const code = `
      const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
      console.log('pid ' + c.pid); setTimeout(() => process.exit(3), 50);`;
    const { request, lines } = launch(packageOf(code));
    await provider.start(request);
    expect((await provider.wait(request.ccid)).exitCode).toBe(3);
    expect(
      existsSync(`/proc/${pidIn(lines)}/cmdline`) && readFileSync(`/proc/${pidIn(lines)}/cmdline`, 'utf8'),
    ).toBeFalsy();
  });

  it('replaces one of the same name', async () => {
    const first = launch(packageOf(printPid + forever));
    await provider.start(first.request);
    await until(() => pidIn(first.lines) > 0, 'the first one runs');
    const second = launch(packageOf(printPid + forever));
    await provider.start(second.request);
    await until(() => pidIn(second.lines) > 0, 'the second one runs');
    expect(await groupRuns(pidIn(first.lines))).toBe(false);
    await provider.stop(second.request.ccid);
    await expect(provider.wait(second.request.ccid)).rejects.toThrow('no such process: cc:1.0');
  });

  it('can be stopped when nothing runs', async () => {
    await expect(provider.stop({ name: 'no', version: '1' })).resolves.toBeUndefined();
    await expect(provider.wait({ name: 'no', version: '1' })).rejects.toThrow('no such process: no:1');
  });

  it('leaves nothing behind when its parent is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '--import',
        join(root, 'test/support/typescriptLoader.mjs'),
        join(root, 'test/support/processProviderParent.ts'),
      ],
      { env: { ...process.env, DIR: dir }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    parent.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await until(() => (output.match(/pid/g) ?? []).length === 3, 'three chaincodes run');
    const pids = [...output.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]));
    parent.kill('SIGKILL');
    for (const pid of pids) await until(async () => !(await groupRuns(pid)), `${pid} ends`);
  });

  it('gives up a build whose launch was given up', async () => {
    const abort = new AbortController();
    const manifest = JSON.stringify({ name: 'slow', version: '1.0.0', scripts: { preinstall: 'sleep 60' } });
    const codePackage = gzipSync(makeTar([{ name: 'src/package.json', content: Buffer.from(manifest) }]));
    const starting = provider.start(launch(codePackage, { signal: abort.signal }).request);
    setTimeout(() => abort.abort(new Error('the launch took too long')), 200);
    await expect(starting).rejects.toThrow('the launch took too long');
  });
});
