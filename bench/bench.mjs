// `make bench`: what this program adds to a chaincode's own start and to a transaction, and the ceilings beside it.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import grpc from '@grpc/grpc-js';
import fabric from '@hyperledger/fabric-protos';
import { LaunchCa } from '../dist/chaincode/launchCa.js';
import { BareShim } from './lib/bareShim.mjs';
import { codePackage, install, instantiate } from './lib/deploy.mjs';
import { signedProposal } from './lib/fabricClient.mjs';
import { BenchNetwork } from './lib/network.mjs';
import { now, oneAtATime, rate, summary } from './lib/stats.mjs';

const { peer } = fabric;
const root = resolve(import.meta.dirname, '..');
const sample = join(root, 'samples', 'kv-raw');
const quick = process.argv.includes('--quick');
const rounds = { launches: quick ? 3 : 7, calls: quick ? 200 : 1000, seconds: quick ? 3 : 8 };
const work = mkdtempSync(join(tmpdir(), 'launcher-bench-'));
const rows = [];

function row(what, value, goal = '') {
  rows.push({ what, value, goal });
  console.log(`${what.padEnd(58)} ${value.padStart(22)}  ${goal}`);
}
const ms = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
const perSecond = (value) => `${Math.round(value)}/s`;

/** Starts the sample without any peer, as the process provider would, and measures until REGISTER. */
async function bareStart(directory) {
  const ca = await LaunchCa.create();
  const server = await ca.issueServerCert('127.0.0.1');
  const client = await ca.issueClientCert('bare:1');
  const shim = new BareShim();
  const port = await shim.start({
    ca: Buffer.from(ca.certPem),
    cert: Buffer.from(server.certPem),
    key: Buffer.from(server.keyPem),
  });
  const files = mkdtempSync(join(work, 'bare-'));
  const file = (name, text) => {
    writeFileSync(join(files, name), text, { mode: 0o600 });
    return join(files, name);
  };
  const begin = now();
  const child = spawn(process.execPath, ['index.js', '--peer.address', `127.0.0.1:${port}`], {
    cwd: directory,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      CORE_CHAINCODE_ID_NAME: 'bare:1',
      CORE_CHAINCODE_LOGGING_LEVEL: 'info',
      CORE_CHAINCODE_LOGGING_SHIM: 'warning',
      CORE_PEER_TLS_ENABLED: 'true',
      CORE_TLS_CLIENT_KEY_PATH: file('key', Buffer.from(client.keyPem).toString('base64')),
      CORE_TLS_CLIENT_CERT_PATH: file('cert', Buffer.from(client.certPem).toString('base64')),
      CORE_PEER_TLS_ROOTCERT_FILE: file('root', ca.certPem),
    },
  });
  await shim.registered;
  const took = now() - begin;
  const stop = async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
    shim.stop();
  };
  return { took, shim, stop };
}

/** The sample with its dependencies, installed once. */
async function installedSample() {
  const directory = join(root, '.cache', 'bench-sample');
  if (!existsSync(join(directory, 'node_modules'))) {
    mkdirSync(directory, { recursive: true });
    cpSync(sample, directory, { recursive: true, filter: (from) => !from.includes('node_modules') });
    const npm = spawn('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund'], {
      cwd: directory,
      stdio: 'inherit',
    });
    const code = await new Promise((done) => npm.once('exit', done));
    if (code !== 0) throw new Error(`npm ci of the sample ended with ${code}`);
  }
  return directory;
}

async function ceilings(identity, tls) {
  const echo = spawn(process.execPath, [join(root, 'bench/lib/echoServer.mjs'), tls.cert, tls.key], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await new Promise((done) => echo.stdout.once('data', (chunk) => done(String(chunk).trim())));
  const Client = grpc.makeGenericClientConstructor({
    echo: {
      path: '/bench.Echo/Echo',
      requestStream: false,
      responseStream: false,
      requestSerialize: (bytes) => bytes,
      requestDeserialize: (bytes) => bytes,
      responseSerialize: (bytes) => bytes,
      responseDeserialize: (bytes) => bytes,
    },
  });
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createSsl(tls.ca));
  const message = Buffer.alloc(1300);
  const call = () =>
    new Promise((done, failed) =>
      client.echo(message, (error, answer) => (error ? failed(error) : done(answer))),
    );
  await rate(64, rounds.seconds, call);
  const sequential = summary(await oneAtATime(rounds.calls, call));
  row(
    'ceiling: bare grpc-js echo, one at a time, p50 / p99',
    `${ms(sequential.p50)} / ${ms(sequential.p99)}`,
  );
  row(
    'ceiling: bare grpc-js echo, 64 in flight',
    perSecond((await rate(64, rounds.seconds, call)).perSecond),
  );
  client.close();
  echo.stdin.end();

  const bare = await bareStart(await installedSample());
  const input = new peer.ChaincodeInput();
  input.setArgsList([Buffer.from('get'), Buffer.from('a')]);
  const target = { channel: 'mychannel', chaincode: 'bare', args: ['get', 'a'] };
  const { signed } = signedProposal(identity, target);
  let count = 0;
  const transaction = () =>
    bare.shim.transaction(signed, String(count++), 'mychannel', input.serializeBinary());
  await rate(64, rounds.seconds * 2, transaction);
  const loop = summary(await oneAtATime(rounds.calls, transaction));
  row('ceiling: bare shim loop (get), one at a time, p50 / p99', `${ms(loop.p50)} / ${ms(loop.p99)}`);
  row(
    'ceiling: bare shim loop (get), 64 in flight',
    perSecond((await rate(64, rounds.seconds, transaction)).perSecond),
  );
  await bare.stop();
}

async function launches(client, code) {
  const directory = await installedSample();
  const bare = [];
  for (let i = 0; i < rounds.launches; i++) {
    const one = await bareStart(directory);
    bare.push(one.took);
    await one.stop();
  }
  const deploy = async (name) => {
    await install(client, { name, version: '1.0', path: 'kv-raw', code });
    return instantiate(client, { name, version: '1.0', args: ['init', 'a', '100'] });
  };
  await deploy('warm');
  const launched = [];
  for (let i = 0; i < rounds.launches; i++) launched.push(await deploy(`launch${i}`));
  const bareMedian = summary(bare).p50;
  const median = summary(launched).p50;
  row('chaincode alone: start to REGISTER, median', ms(bareMedian));
  row('instantiate (build kept), median', ms(median));
  row('launch overhead', ms(median - bareMedian), 'goal < 100 ms');
  const names = Array.from({ length: 10 }, (_, i) => `many${i}`);
  for (const name of names) await install(client, { name, version: '1.0', path: 'kv-raw', code });
  const begin = now();
  const each = await Promise.all(
    names.map((name) => instantiate(client, { name, version: '1.0', args: ['init'] })),
  );
  row(
    'ten launches at once: all committed / slowest proposal',
    `${ms(now() - begin)} / ${ms(summary(each).max)}`,
  );
}

async function calls(client, network) {
  const prepared = (args) => client.build('warm', args);
  const query = async () => {
    const response = await client.send(prepared(['get', 'a']));
    if (response.getResponse().getStatus() !== 200) throw new Error(response.getResponse().getMessage());
  };
  const timed = async (args) => {
    const times = [];
    for (let i = 0; i < rounds.calls; i++) {
      const proposal = prepared(args);
      const start = now();
      await client.send(proposal);
      times.push(now() - start);
    }
    return summary(times);
  };
  // V8 compiles what is hot only after some thousand calls: what a peer costs in its first seconds is not its rate.
  await rate(64, rounds.seconds * 2, query);
  const queries = await timed(['get', 'a']);
  row(
    'query, one at a time, p50 / p99',
    `${ms(queries.p50)} / ${ms(queries.p99)}`,
    'Fabric 1.4: 2.28 / 5.85; goal p50 1.5',
  );
  const invokes = await timed(['put', 'a', '1']);
  row(
    'invoke (endorsement), one at a time, p50 / p99',
    `${ms(invokes.p50)} / ${ms(invokes.p99)}`,
    'Fabric 1.4: p50 3.30',
  );
  for (const [inFlight, reference] of [
    [1, 'Fabric 1.4: 403/s'],
    [16, 'Fabric 1.4: 1354/s'],
    [64, 'Fabric 1.4: 1948/s; goal 2400/s'],
  ]) {
    const before = network.cpuSeconds();
    const result = await rate(inFlight, rounds.seconds, query);
    const cpu = ((network.cpuSeconds() - before) * 1e6) / result.n;
    row(
      `queries per second, ${inFlight} in flight (peer CPU a query)`,
      `${perSecond(result.perSecond)} (${Math.round(cpu)} µs)`,
      reference,
    );
  }
}

/** A call whose chaincode is gone must launch it first. */
async function coldCalls(client) {
  const times = [];
  for (let i = 0; i < rounds.launches; i++) {
    await client.send(client.build('launch0', ['exit', '0']));
    const start = now();
    await client.endorse('launch0', ['get', 'a']);
    times.push(now() - start);
  }
  row('a call that must launch first, median', ms(summary(times).p50), 'Fabric 1.4 (Go chaincode): 185 ms');
}

console.log(
  `Node.js ${process.version}, ${cpus().length} × ${cpus()[0].model}; client, peer and chaincode share them\n`,
);
const network = new BenchNetwork(join(work, 'network'));
try {
  await network.start();
  const rssAtStart = network.rss();
  row('RSS of the whole network (peer, orderer) at start', `${Math.round(rssAtStart)} MB`, 'goal < 150 MB');
  const client = network.client();
  const code = await codePackage(sample);
  await launches(client, code);
  await calls(client, network);
  await coldCalls(client);
  const { peer: peerNode, tls } = network.description;
  await ceilings(client.identity, { ...tls, ca: readFileSync(peerNode.tlsCa) });
  row('RSS of the whole network after', `${Math.round(network.rss())} MB`, 'Fabric 1.4 peer: 53 → 113 MB');
  client.close();
} finally {
  await network.stop();
  rmSync(work, { recursive: true, force: true });
}

// Containers: on an engine of its own, where one may be started.
const mayStartEngine = process.getuid() === 0 && spawnSync('dockerd', ['--version']).status === 0;
if (mayStartEngine) {
  console.log('');
  const args = ['node', 'bench/docker.mjs', ...process.argv.slice(2)];
  const env = { ...process.env, DOCKER_E2E_PLATFORMS: 'node' };
  const { status } = spawnSync(join(root, 'test/e2e-docker/run'), args, { cwd: root, env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  console.log(
    '\nlaunches over a bare docker run: not measured here; `make bench-docker` does it as root, with docker.io',
  );
}
