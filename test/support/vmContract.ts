import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CCID, LaunchStep, VMProvider, VMStart } from '../../src/launcher/types.js';
import { makeTar } from '../../src/packages/tarWriter.js';
import { eventually } from './eventually.js';

/** A provider under test, and what can be seen and done from outside of it. */
export interface VMWorld {
  readonly provider: VMProvider;
  /** Everything that is there on behalf of chaincode of this provider: processes, containers, Pods, folders with keys. */
  remains(): Promise<readonly string[]>;
  /** Ends a running chaincode as the kernel would, by SIGKILL. */
  kill(launch: ContractLaunch): Promise<void>;
  /** Removes what was made for the test, after the provider was closed. */
  remove(): Promise<void>;
}

/** One start, and what it told. */
export interface ContractLaunch {
  readonly request: VMStart;
  readonly steps: LaunchStep[];
  readonly lines: string[];
}

export interface ContractOptions {
  /** For the titles. */
  readonly name: string;
  /** Makes a provider with nothing in it. */
  readonly open: () => Promise<VMWorld>;
  /** How long after a stop something of it may still be on its way out, in ms. @default 0 */
  readonly farewellMs?: number;
  /** Exit codes of what was ended by the provider. @default 137, 143 */
  readonly endedByUs?: readonly number[];
  /** After so many ms each a start is given up. */
  readonly moments?: readonly number[];
  /** Longest time of one test in ms: a build or the creation of a Pod may be part of it. */
  readonly timeoutMs: number;
}

/** The chaincode of all tests, so that it is built once: the environment says what it does. */
const program = `
  const { DO, CORE_TLS_CLIENT_KEY_PATH } = process.env;
  const stay = () => setInterval(() => {}, 1000);
  console.log('pid ' + process.pid);
  const acts = {
    exit: (code) => { process.stdout.write('bye'); process.exitCode = Number(code); },
    stay,
    stubborn: () => {
      const code = "process.on('SIGTERM', () => {}); console.log('child'); setInterval(() => {}, 1000)";
      require('child_process').spawn(process.execPath, ['-e', code], { stdio: 'inherit' });
      process.on('SIGTERM', () => {});
      stay();
    },
    tell: () => {
      const key = require('fs').readFileSync(CORE_TLS_CLIENT_KEY_PATH, 'utf8');
      const { CORE_CHAINCODE_ID_NAME: id, SECRET_OF_OURS: secret } = process.env;
      console.log(JSON.stringify({ key, id, secret, args: process.argv.slice(2) }));
    },
    talk: (count) => { for (let i = 0; i < Number(count); i++) console.log('line ' + i); },
  };
  const [act, argument] = DO.split(' ');
  acts[act](argument);
`;

function packageOf(manifest: object, more: Readonly<Record<string, string>> = {}): Uint8Array {
  const files = {
    'package.json': JSON.stringify({ name: 'cc', version: '1.0.0', ...manifest }),
    'main.js': program,
    ...more,
  };
  return gzipSync(
    makeTar(
      Object.entries(files).map(([name, text]) => ({ name: `src/${name}`, content: Buffer.from(text) })),
    ),
  );
}

const scripts = { start: 'node main.js' };
// A bundled dependency, so that no registry is asked.
const good = packageOf({ scripts }, { 'node_modules/none/package.json': '{}' });
const unbuildable = packageOf({ scripts: { ...scripts, preinstall: 'echo no such header; exit 3' } });
const slow = packageOf({ scripts: { ...scripts, preinstall: 'sleep 60' } });

const address = 'peer0.example.com:7052';

/** @param act what the chaincode does; see `program` */
function launchOf(act: string, more: Partial<VMStart> = {}): ContractLaunch {
  const steps: LaunchStep[] = [];
  const lines: string[] = [];
  const ccid = more.ccid ?? { name: 'contract', version: '1.0' };
  const request: VMStart = {
    ccid,
    type: 'NODE',
    path: 'cc',
    args: ['/bin/sh', '-c', `cd /usr/local/src; npm start -- --peer.address ${address}`],
    env: {
      CORE_CHAINCODE_ID_NAME: `${ccid.name}:${ccid.version}`,
      CORE_PEER_TLS_ENABLED: 'false',
      CORE_TLS_CLIENT_KEY_PATH: '/etc/hyperledger/fabric/client.key',
      DO: act,
    },
    files: [
      { path: '/etc/hyperledger/fabric/client.key', content: Buffer.from('the key'), mode: 0o600 },
      { path: '/etc/hyperledger/fabric/client.crt', content: Buffer.from('the certificate'), mode: 0o644 },
    ],
    codePackage: good,
    peerAddress: address,
    progress: { step: (step) => steps.push(step), output: (line) => lines.push(line) },
    ...more,
  };
  return { request, steps, lines };
}

const until = (what: string, condition: () => boolean | Promise<boolean>): Promise<void> =>
  eventually(what, condition, 15_000);

/** What every VMProvider promises (src/launcher/types.ts); each runs this suite on a world of its own. */
export function vmContract(options: ContractOptions): void {
  const { name, open, timeoutMs, farewellMs = 0, endedByUs = [137, 143] } = options;
  const { moments = [0, 10, 30, 60, 100, 150, 250, 400, 700] } = options;
  describe(`the ${name} provider keeps the VM contract:`, () => {
    let world: VMWorld;
    let provider: VMProvider;
    const started: CCID[] = [];

    beforeAll(async () => {
      world = await open();
      provider = world.provider;
    }, timeoutMs);

    afterEach(async () => {
      for (const ccid of started.splice(0)) await provider.stop(ccid);
      await nothingRemains();
    }, timeoutMs);

    afterAll(async () => {
      await provider.close();
      await world.remove();
    }, timeoutMs);

    async function start(act: string, more: Partial<VMStart> = {}): Promise<ContractLaunch> {
      const launch = launchOf(act, more);
      started.push(launch.request.ccid);
      await provider.start(launch.request);
      return launch;
    }

    async function nothingRemains(when?: string): Promise<void> {
      const end = Date.now() + farewellMs;
      while (Date.now() < end && (await world.remains()).length > 0) await sleep(100);
      expect(await world.remains(), when).toEqual([]);
    }

    const runs = (launch: ContractLaunch, line = 'pid '): Promise<void> =>
      until(`it prints ${line}`, () => launch.lines.some((each) => each.startsWith(line)));

    const test = (title: string, body: () => Promise<void>): void => {
      it(title, body, timeoutMs);
    };

    test('a start tells its steps in order, and what the chaincode prints', async () => {
      const launch = await start('stay');
      expect(launch.steps).toEqual(['packageKept', 'built', 'started']);
      await runs(launch);
    });

    it.each([0, 1, 7])(
      'one that ends before it has registered is reported with exit code %i and its last lines',
      async (code) => {
        const { request, lines } = await start(`exit ${code}`);
        const exit = await provider.wait(request.ccid);
        expect(exit.exitCode).toBe(code);
        expect(exit.lastLines.at(-1)).toBe('bye');
        expect(lines).toContain('bye');
      },
      timeoutMs,
    );

    test('an exit can be asked for more than once, and later', async () => {
      const { request } = await start('exit 5');
      const [one, two] = await Promise.all([provider.wait(request.ccid), provider.wait(request.ccid)]);
      expect([one.exitCode, two.exitCode, (await provider.wait(request.ccid)).exitCode]).toEqual([5, 5, 5]);
    });

    test('of much output the end is kept', async () => {
      const { request } = await start('talk 500');
      const { lastLines } = await provider.wait(request.ccid);
      expect(lastLines.length).toBeLessThanOrEqual(50);
      expect(lastLines.slice(-2)).toEqual(['line 498', 'line 499']);
    });

    test('one that is killed has exit code 137', async () => {
      const launch = await start('stay');
      await runs(launch);
      const waiting = provider.wait(launch.request.ccid);
      await world.kill(launch);
      expect((await waiting).exitCode).toBe(137);
    });

    test('it gets its files, its environment and the peer’s address, and nothing of ours', async () => {
      process.env['SECRET_OF_OURS'] = 'secret';
      const { request, lines } = await start('tell');
      await provider.wait(request.ccid);
      delete process.env['SECRET_OF_OURS'];
      expect(JSON.parse(lines.find((line) => line.startsWith('{')) ?? '')).toEqual({
        key: 'the key',
        id: 'contract:1.0',
        args: ['--peer.address', address],
      });
    });

    test('a stop ends it with children that ignore SIGTERM, and whoever waits for it', async () => {
      const launch = await start('stubborn');
      await runs(launch, 'child');
      expect(await world.remains()).not.toEqual([]);
      const waiting = provider.wait(launch.request.ccid);
      await provider.stop(launch.request.ccid);
      await nothingRemains();
      expect(endedByUs).toContain((await waiting).exitCode);
      await expect(provider.wait(launch.request.ccid)).rejects.toThrow(/^no such /);
    });

    test('a stop of what has ended, and a second one, are no errors', async () => {
      const { request } = await start('exit 0');
      await provider.wait(request.ccid);
      await provider.stop(request.ccid);
      await provider.stop(request.ccid);
    });

    test('a stop of what was never there is no error, and nobody can wait for it', async () => {
      const ccid = { name: 'never', version: '1' };
      await provider.stop(ccid);
      await expect(provider.wait(ccid)).rejects.toThrow(/^no such /);
    });

    test('a start takes the place of what runs under its name', async () => {
      const first = await start('stay');
      await runs(first);
      const before = await world.remains();
      const waiting = provider.wait(first.request.ccid);
      const second = await start('stay');
      await runs(second);
      expect(endedByUs).toContain((await waiting).exitCode);
      await until('the first has gone', async () => (await world.remains()).length === before.length);
      await provider.registration?.(second.request.ccid, true);
    });

    test('names are apart: one is stopped, the other runs on', async () => {
      const one = await start('stay');
      const other = await start('stay', { ccid: { name: 'contract', version: '2.0' } });
      await Promise.all([runs(one), runs(other)]);
      const waiting = provider.wait(other.request.ccid);
      await provider.stop(one.request.ccid);
      expect(await world.remains()).not.toEqual([]);
      await world.kill(other);
      expect((await waiting).exitCode).toBe(137);
    });

    test('one that was told to be registered, and not to be any more, is waited for as before', async () => {
      const launch = await start('stay');
      await runs(launch);
      await provider.registration?.(launch.request.ccid, true);
      const waiting = provider.wait(launch.request.ccid);
      await world.kill(launch);
      await provider.registration?.(launch.request.ccid, false);
      expect((await waiting).exitCode).toBe(137);
    });

    test('a build that fails fails the start with its output', async () => {
      const ccid = { name: 'unbuildable', version: '1.0' };
      await expect(start('stay', { ccid, codePackage: unbuildable })).rejects.toThrow('no such header');
      await expect(provider.wait(ccid)).rejects.toThrow(/^no such /);
    });

    test('a start that is given up fails with the reason and leaves nothing', async () => {
      const abort = new AbortController();
      const more = { ccid: { name: 'slow', version: '1.0' }, codePackage: slow, signal: abort.signal };
      const starting = start('stay', more);
      setTimeout(() => abort.abort(new Error('the launch took too long')), 1_000);
      await expect(starting).rejects.toThrow('the launch took too long');
      await nothingRemains();
    });

    test('at whatever moment a start is given up, nothing is left of it', async () => {
      for (const ms of moments) {
        const abort = new AbortController();
        const ccid = { name: 'slow', version: `${ms}` };
        const starting = start('stay', { ccid, codePackage: slow, signal: abort.signal });
        const failed = expect(starting, `after ${ms} ms`).rejects.toThrow('the launch took too long');
        await sleep(ms);
        abort.abort(new Error('the launch took too long'));
        await failed;
        await nothingRemains(`after ${ms} ms`);
      }
    });

    test('a stop ends a start that is under way', async () => {
      const ccid = { name: 'slow', version: '1.0' };
      const starting = start('stay', { ccid, codePackage: slow });
      const failed = expect(starting).rejects.toThrow('slow:1.0 was stopped while it was starting');
      await sleep(1_000);
      await provider.stop(ccid);
      await failed;
    });

    test('it is healthy', () => provider.healthCheck());

    // The last one: a closed provider stays closed.
    test('its end ends all that it has started, and starts nothing any more', async () => {
      const one = await start('stay');
      const other = await start('stay', { ccid: { name: 'contract', version: '2.0' } });
      await Promise.all([runs(one), runs(other)]);
      const slowly = expect(
        start('stay', { ccid: { name: 'slow', version: '1.0' }, codePackage: slow }),
      ).rejects.toThrow(/was (stopped|closed)/);
      await sleep(500);
      await provider.close();
      await slowly;
      await nothingRemains();
      await expect(start('stay')).rejects.toThrow('provider was closed');
    });
  });
}
