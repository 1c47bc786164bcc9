// `make demo`: the main job on a network of its own, with the project's own CLI, over TLS, on real chaincode.
// It cleans up behind itself and exits 0, or says in one line what failed and how to see more.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, rmSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const program = join(root, 'dist', 'main.js');
const work = join(root, '.demo');
const data = join(work, 'network');
const builds = join(root, '.cache', 'builds');
const log = join(work, 'dev.log');
const keep = process.argv.includes('--keep');
const color = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text) => (color ? `\x1b[1m${text}\x1b[22m` : text);
const dim = (text) => (color ? `\x1b[2m${text}\x1b[22m` : text);

let network;
let environment;

/** Starts `chaincode-launcher dev` and waits until it says that it is ready. */
async function startNetwork() {
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const args = ['dev', '--data', data, '--builds', builds, '--ports', 'free'];
  network = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = createWriteStream(log);
  network.stderr.pipe(output);
  network.stdout.pipe(output);
  await new Promise((done, failed) => {
    let text = '';
    network.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('is ready')) done();
    });
    network.once('exit', (code) => failed(new Error(`the network ended at start with code ${code}`)));
    setTimeout(() => failed(new Error('the network was not ready after 60 s')), 60_000).unref();
  });
  environment = readEnvironment(join(data, 'peer.env'));
}

/** The variables of a file of `export NAME=value` lines. */
function readEnvironment(file) {
  const lines = readFileSync(file, 'utf8').matchAll(/^export ([A-Z_0-9]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/gm);
  return Object.fromEntries([...lines].map(([, name, a, b, c]) => [name, a ?? b ?? c ?? '']));
}

async function stopNetwork() {
  if (!network || network.exitCode !== null) return;
  const ended = new Promise((done) => network.once('exit', done));
  network.kill('SIGTERM');
  const force = setTimeout(() => network.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(force);
}

/** Runs one command of the CLI, as a user would type it, and returns what it printed. */
async function cli(...args) {
  const shown = args.map((arg) => (/[\s"'{}()]/.test(arg) ? `'${arg}'` : arg)).join(' ');
  process.stdout.write(`${bold('$')} chaincode-launcher ${shown.replaceAll(`${root}/`, '')}\n`);
  const started = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) {
    const error = err.split('\n').find((line) => line.startsWith('Error:')) ?? err.trim().split('\n').at(-1);
    throw new Error(`"${args.slice(0, 2).join(' ')}" failed: ${error}`);
  }
  if (out.trim()) process.stdout.write(`${out.trimEnd()}\n`);
  process.stdout.write(dim(`  ${Math.round(performance.now() - started)} ms\n`));
  return out.trim();
}

function expect(what, got, wanted) {
  if (got !== wanted)
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
}

/** package → install → instantiate → invoke → query → upgrade → query for one sample. */
async function runSample({ name, path, init, invoke, query, before, after, upgraded }) {
  const file = join(work, `${name}.cds`);
  const channel = ['-C', 'mychannel', '-n', name];
  const ctor = (args) => ['-c', JSON.stringify({ Args: args })];
  await cli('chaincode', 'package', '-l', 'node', '-n', name, '-v', '1.0', '-p', path, file);
  await cli('chaincode', 'install', file);
  await cli(
    'chaincode',
    'instantiate',
    ...channel,
    '-v',
    '1.0',
    ...ctor(init),
    '-P',
    "OR('Org1MSP.member')",
    '--waitForEvent',
  );
  expect(`query of ${name} 1.0`, await cli('chaincode', 'query', ...channel, ...ctor(query)), before);
  await cli('chaincode', 'invoke', ...channel, ...ctor(invoke), '--waitForEvent');
  expect(
    `query of ${name} after the invoke`,
    await cli('chaincode', 'query', ...channel, ...ctor(query)),
    after,
  );
  await cli('chaincode', 'install', '-l', 'node', '-n', name, '-v', '2.0', '-p', path);
  await cli('chaincode', 'upgrade', ...channel, '-v', '2.0', ...ctor(init), '--waitForEvent');
  expect(`query of ${name} 2.0`, await cli('chaincode', 'query', ...channel, ...ctor(query)), upgraded);
}

async function main() {
  if (!existsSync(program)) throw new Error('dist/main.js is missing: run make build');
  await startNetwork();
  const asset = (owner) => JSON.stringify({ id: 'asset1', owner, value: 100 });
  await runSample({
    name: 'assets',
    path: join(root, 'samples', 'asset-contract'),
    init: ['init', 'Tomoko'],
    invoke: ['transferAsset', 'asset1', 'Max'],
    query: ['readAsset', 'asset1'],
    before: asset('Tomoko'),
    after: asset('Max'),
    upgraded: asset('Max'),
  });
  await runSample({
    name: 'kv',
    path: join(root, 'samples', 'kv-raw'),
    init: ['init', 'a', '100'],
    invoke: ['put', 'a', '90'],
    query: ['get', 'a'],
    before: '100',
    after: '90',
    upgraded: '100',
  });
  await cli('chaincode', 'list', '--installed');
  await cli('chaincode', 'list', '--instantiated', '-C', 'mychannel');
  process.stdout.write('\n');
  await cli('launches', 'list', '--timeline');
}

let failure;
try {
  await main();
} catch (error) {
  failure = error;
}
await stopNetwork();
if (failure) {
  process.stderr.write(`demo failed: ${failure.message} (see more: ${log.replace(`${root}/`, '')})\n`);
  process.exit(1);
}
if (!keep) rmSync(work, { recursive: true, force: true });
process.stdout.write(bold('\nEverything worked; the network is stopped and its data removed.\n'));
