// `make bench-docker`: what a launch costs over a bare `docker run` of the same image with the same command.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { codePackage, install, instantiate } from './lib/deploy.mjs';
import { BenchNetwork } from './lib/network.mjs';
import { now } from './lib/stats.mjs';

const root = resolve(import.meta.dirname, '..');
const quick = process.argv.includes('--quick');
const rounds = quick ? 4 : 12;
const goalMs = 150;
const { DOCKER_E2E_ENDPOINT: endpoint, DOCKER_E2E_NODE_IMAGE: nodeImage } = process.env;
if (!endpoint || !nodeImage) throw new Error('no engine: run make bench-docker');
const sample = join(root, 'samples/kv-raw');
const readyImage = 'localhost/kv-ready:1';
const work = mkdtempSync(join(tmpdir(), 'bench-docker-'));
const env = { ...process.env, DOCKER_HOST: endpoint };
const docker = async (...args) =>
  (await promisify(execFile)('docker', args, { env, maxBuffer: 1 << 26 })).stdout.trim();
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const ms = (value) => `${Math.round(value)} ms`;

function row(what, value, note = '') {
  console.log(`${what.padEnd(66)} ${value.padStart(12)}  ${note}`);
}

/** The sample with its dependencies on top of the image that it is built in. */
async function makeReadyImage() {
  const command = 'cd /usr/local/src && npm install --omit=dev --no-audit --no-fund';
  const id = await docker('create', nodeImage, '/bin/sh', '-c', command);
  await docker('cp', `${sample}/.`, `${id}:/usr/local/src`);
  await docker('start', '-a', id);
  await docker('commit', id, readyImage);
  await docker('rm', '-f', id);
}

/** The chaincode's own first line, and the milliseconds until it: npm's lines, which begin with `>` or are empty, come before it. */
async function bareRun(name) {
  const settings = ['--network', 'host', '--memory', '2g', '-e', 'CORE_CHAINCODE_ID_NAME=bare:1'];
  const tls = ['-e', 'CORE_PEER_TLS_ENABLED=false'];
  const command = ['/bin/sh', '-c', 'cd /usr/local/src; npm start -- --peer.address 127.0.0.1:1'];
  const begin = now();
  const child = spawn('docker', ['run', '--name', name, ...settings, ...tls, readyImage, ...command], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const first = new Promise((done, failed) => {
    const take = (chunk) => {
      text += chunk;
      const complete = text.split('\n').slice(0, -1);
      const line = complete.find((each) => each !== '' && !each.startsWith('>'));
      if (line !== undefined) done({ took: now() - begin, line });
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('close', () => failed(new Error(`the container said nothing: ${text}`)));
  });
  const ended = new Promise((done) => child.once('close', done));
  const result = await first;
  await docker('rm', '-f', name);
  await ended;
  return result;
}

async function newNetwork(images) {
  const config = {
    peer: { networkId: 'bench' },
    vm: { provider: 'docker', endpoint, docker: { images } },
    chaincode: { builder: nodeImage, node: { runtime: nodeImage } },
  };
  writeFileSync(join(work, 'core.yaml'), stringify(config));
  const network = new BenchNetwork(join(work, 'net'), ['--config', join(work, 'core.yaml')]);
  await network.start();
  return network;
}

/** The steps of a launch in ms since its begin, by the endorser's own timeline. */
async function stepsOf(network, cname) {
  const address = network.description.peer.operations;
  return (await (await fetch(`http://${address}/launches/${cname}`)).json()).steps;
}

async function measure() {
  await makeReadyImage();
  const names = Array.from({ length: rounds }, (_, i) => `ready${i}`);
  const network = await newNetwork(Object.fromEntries(names.map((name) => [name, readyImage])));
  try {
    const client = network.client();
    const code = await codePackage(sample);
    const deploy = async (name) => {
      await install(client, { name, version: '1', path: sample, code });
      const proposal = await instantiate(client, { name, version: '1', args: ['init', 'a', '1'] });
      return { proposal, steps: await stepsOf(network, `${name}:1`) };
    };
    const built = await deploy('built');
    const { line } = await bareRun('bench-warm-up');
    console.log(`the bare chaincode’s first line: ${line.slice(0, 100)}\n`);
    const bare = [];
    const ours = [];
    // In turn, so that whatever else the machine does meets both.
    for (const name of names) {
      bare.push((await bareRun(`bench-bare-${name}`)).took);
      ours.push(await deploy(name));
      // As after the bare run: nothing else is there.
      await docker('rm', '-f', `bench-peer0.org1.example.com-${name}-1`);
    }
    const b = median(bare);
    const registered = median(ours.map(({ steps }) => steps.registered));
    const overheads = ours.map(({ steps }, at) => steps.registered - bare[at]);
    const range = (values) => `${ms(Math.min(...values))} – ${ms(Math.max(...values))}`;
    row('first launch of a package, with its build in a container', ms(built.steps.registered));
    row(`bare docker run until its first log line (median of ${rounds})`, ms(b), range(bare));
    row(
      'instantiate → registered, the image there',
      ms(registered),
      range(ours.map((o) => o.steps.registered)),
    );
    row('  … until the container has started', ms(median(ours.map(({ steps }) => steps.started))));
    row('  … until the client has its answer', ms(median(ours.map(({ proposal }) => proposal))));
    const overhead = median(overheads);
    row(
      'overhead of a launch (median of the differences)',
      `${overhead < 0 ? '' : '+'}${ms(overhead)}`,
      `goal < ${goalMs} ms: ${overhead < goalMs ? 'met' : 'MISSED'}`,
    );
  } finally {
    await network.stop();
    const images = (await docker('images', '--format', '{{.Repository}}')).split('\n');
    const made = images.filter((name) => name.startsWith('bench-'));
    await docker('rmi', '-f', readyImage, ...made);
  }
}

try {
  const { Server } = JSON.parse(await docker('version', '--format', '{{json .}}'));
  console.log(`Docker ${Server.Version}, Node.js ${process.version}, network host\n`);
  await measure();
} finally {
  rmSync(work, { recursive: true, force: true });
}
