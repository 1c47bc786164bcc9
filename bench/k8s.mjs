// `make bench-k8s`: what a launch costs over a bare Pod of the same image, fifty at once, and ten thousand launches on simulated nodes.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { codePackage, install, instantiate } from './lib/deploy.mjs';
import { BenchNetwork } from './lib/network.mjs';
import { BareLoop, fakeLaunch } from './lib/bareLoop.mjs';
import { now } from './lib/stats.mjs';

const root = resolve(import.meta.dirname, '..');
const main = join(root, 'dist/main.js');
const quick = process.argv.includes('--quick');
const only = process.argv.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);
const rounds = quick ? 3 : 8;
const many = quick ? 10 : 50;
const thousands = Number(process.env.BENCH_LAUNCHES ?? (quick ? 1000 : 10_000));
const host = process.env.E2E_HOST ?? '10.244.0.1';
const image = process.env.E2E_IMAGE ?? 'localhost/chaincode-launcher:1';
const nodeImage = process.env.E2E_NODE_IMAGE ?? 'localhost/nodeenv:1';
const readyImage = 'localhost/kv-ready:1';
/** The same command as the bare Pod's: npm is not in its image. */
const startCommand = 'cd /usr/local/src; exec node index.js --peer.address {address}';
const cluster = join(root, 'test/e2e/cluster');
/** Whatever happens, these end with the bench. */
const children = [];
const work = mkdtempSync(join(tmpdir(), 'bench-k8s-'));
const run = promisify(execFile);
const kubectl = async (...args) => (await run('kubectl', args, { maxBuffer: 1 << 30 })).stdout.trim();
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const ms = (value) => `${Math.round(value)} ms`;

function row(what, value, goal = '') {
  console.log(`${what.padEnd(66)} ${value.padStart(24)}  ${goal}`);
}

/** An image that carries the sample with its dependencies: the same for the bare Pod and for our launch. */
function makeReadyImage() {
  const folder = join(root, '.cache', 'kv-ready');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const app = join(root, '.cache', 'bench-sample');
  if (!existsSync(join(app, 'node_modules'))) {
    mkdirSync(app, { recursive: true });
    spawnSync('cp', ['-r', `${join(root, 'samples/kv-raw')}/.`, app]);
    spawnSync('npm', ['ci', '--omit=dev', '--silent'], { cwd: app, stdio: 'inherit' });
  }
  const step = (program, ...args) => {
    const { status, stderr } = spawnSync(join(cluster, program), args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  };
  step('rootfs', folder, 'busybox', 'node', `${app}=/usr/local/src`);
  step('image', readyImage, folder);
}

/** As a person would write it: with the usual token volume, which costs the kubelet a look at its volumes (300 ms). */
const barePod = (namespace, name, volumes = true) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { bench: 'bare' } },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: volumes,
    containers: [
      {
        name: 'chaincode',
        image: readyImage,
        workingDir: '/usr/local/src',
        command: ['node', 'index.js', '--peer.address', `${host}:1`],
        env: [
          { name: 'CORE_CHAINCODE_ID_NAME', value: 'bare:1' },
          { name: 'CORE_PEER_TLS_ENABLED', value: 'false' },
        ],
        resources: { requests: { cpu: '10m', memory: '64Mi' } },
      },
    ],
  },
});

/** Milliseconds from the request to the first line of its log, by the kubelet's own time stamp. */
async function bareStart(loop, namespace, name, volumes = true) {
  const begin = Date.now();
  await loop.create(barePod(namespace, name, volumes));
  for (;;) {
    const line = await loop.firstLogLine(namespace, name);
    if (line !== undefined) return Date.parse(line.split(' ', 1)[0]) - begin;
    await sleep(20);
  }
}

class Operator {
  /** @param env further variables of its process */
  async start(namespace, env = {}) {
    const args = [
      main,
      'operator',
      '-n',
      namespace,
      '--image',
      image,
      '--no-leader-election',
      '--operations-address',
      '127.0.0.1:19444',
    ];
    this.child = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...env },
    });
    children.push(this.child);
    await new Promise((done) => {
      let text = '';
      this.child.stderr.on('data', (chunk) => {
        text = (text + chunk).slice(-100_000);
        if (text.includes('"leading"')) done();
      });
    });
  }

  rss() {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))[1]) / 1024;
  }

  /** Requests by method, from its own metrics. */
  async requests() {
    return requestCounts(await (await fetch('http://127.0.0.1:19444/metrics')).text());
  }

  async stop() {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGTERM');
    await ended;
  }
}

/**
 * The operator's service account where a Pod would have it, so that it runs as in a Pod: without the library that reads
 * kubeconfigs, and, unlike a Pod on this one machine, with as much of the processors as the API server.
 */
async function asInPod(namespace) {
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  if (existsSync(folder)) return { env: {}, remove: () => undefined };
  await kubectl('apply', '-n', namespace, '-f', join(root, 'deploy/manifests/operator.yaml'));
  await kubectl('delete', '-n', namespace, 'deployment', '--all');
  mkdirSync(folder, { recursive: true });
  const token = await kubectl(
    'create',
    'token',
    'chaincode-launcher-operator',
    '-n',
    namespace,
    '--duration=2h',
  );
  const config = JSON.parse(await kubectl('config', 'view', '--raw', '-o', 'json'));
  const { cluster } = config.clusters[0];
  writeFileSync(join(folder, 'token'), token, { mode: 0o600 });
  writeFileSync(join(folder, 'ca.crt'), Buffer.from(cluster['certificate-authority-data'], 'base64'));
  writeFileSync(join(folder, 'namespace'), namespace);
  const { hostname, port } = new URL(cluster.server);
  return {
    env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, KUBECONFIG: '' },
    remove: () => rmSync('/var/run/secrets/kubernetes.io', { recursive: true }),
  };
}

function requestCounts(text) {
  const counts = {};
  for (const [, method, value] of text.matchAll(
    /rest_client_requests_total\{[^}]*method="(\w+)"[^}]*\} (\d+)/g,
  )) {
    counts[method] = (counts[method] ?? 0) + Number(value);
  }
  return counts;
}

const writes = (counts) =>
  (counts.POST ?? 0) + (counts.PATCH ?? 0) + (counts.PUT ?? 0) + (counts.DELETE ?? 0);

async function newNamespace() {
  const name = `bench-${Math.random().toString(36).slice(2, 7)}`;
  await kubectl('create', 'namespace', name);
  for (;;) {
    if (
      (await run('kubectl', ['get', 'serviceaccount', 'default', '-n', name]).catch(() => undefined)) !==
      undefined
    )
      return name;
    await sleep(100);
  }
}

/** A network whose chaincode runs in Pods of the namespace. */
async function newNetwork(namespace, kubernetes) {
  const config = {
    vm: { provider: 'kubernetes', kubernetes: { namespace, networkPolicy: true, ...kubernetes } },
    chaincode: { builder: nodeImage, node: { runtime: nodeImage } },
  };
  writeFileSync(join(work, 'core.yaml'), stringify(config));
  const network = new BenchNetwork(join(work, `net-${namespace}`), [
    '--host',
    host,
    '--config',
    join(work, 'core.yaml'),
  ]);
  await network.start();
  children.push(network.child);
  return network;
}

/** Milliseconds from the begin of the newest launch to its registration, by the endorser's own timeline. */
async function registeredAfter(network, name) {
  const address = network.description.peer.operations;
  const launch = await (await fetch(`http://${address}/launches/${name}`)).json();
  return launch.steps.registered;
}

async function oneAtATime() {
  const namespace = await newNamespace();
  const operator = new Operator();
  await operator.start(namespace);
  const names = Object.fromEntries(Array.from({ length: rounds }, (_, i) => [`ready${i}`, readyImage]));
  const network = await newNetwork(namespace, { images: names, node: { command: startCommand } });
  const client = network.client();
  const loop = await BareLoop.open();
  const path = join(root, 'samples/kv-raw');
  const code = await codePackage(path);
  const bare = [];
  const naked = [];
  const ready = [];
  const built = [];
  await install(client, { name: 'built', version: '1', path, code });
  await instantiate(client, { name: 'built', version: '1', args: ['init', 'a', '1'] });
  row('first launch of a package, with its build in a Pod', ms(await registeredAfter(network, 'built:1')));
  const before = await operator.requests();
  for (let i = 0; i < rounds; i += 1) {
    bare.push(await bareStart(loop, namespace, `bare-${i}`));
    await loop.remove(namespace, `bare-${i}`);
    naked.push(await bareStart(loop, namespace, `naked-${i}`, false));
    await loop.remove(namespace, `naked-${i}`);
    const name = `ready${i}`;
    await install(client, { name, version: '1', path, code });
    await instantiate(client, { name, version: '1', args: ['init', 'a', '1'] });
    ready.push(await registeredAfter(network, `${name}:1`));
  }
  const after = await operator.requests();
  for (let i = 0; i < rounds; i += 1) {
    const name = `built${i}`;
    await install(client, { name, version: '1', path, code });
    await instantiate(client, { name, version: '1', args: ['init', 'a', '1'] });
    built.push(await registeredAfter(network, `${name}:1`));
  }
  const [b, r, o] = [median(bare), median(ready), median(built)];
  row(
    `bare Pod until its first log line (median of ${rounds})`,
    ms(b),
    `${ms(Math.min(...bare))} – ${ms(Math.max(...bare))}`,
  );
  row('  … without any volume, not even the token', ms(median(naked)));
  row(
    'instantiate → registered, image with the chaincode',
    `${ms(r)} = ${(r / b).toFixed(2)} bare`,
    'goal ≤ 1.15, or +150 ms',
  );
  row('the same from a package whose build is kept', `${ms(o)} = ${(o / b).toFixed(2)} bare`);
  row(
    'API writes of the operator per launch',
    ((writes(after) - writes(before)) / rounds).toFixed(1),
    'goal ≤ 8 with the endorser’s 2',
  );
  await network.stop();
  await operator.stop();
  await fromThePool(b);
  await fiftyAtOnce(loop);
  await kubectl('delete', 'namespace', namespace, '--wait=false');
}

/** Launches into Pods that wait already. */
async function fromThePool(bareMedian) {
  const namespace = await newNamespace();
  const operator = new Operator();
  await operator.start(namespace);
  const names = Array.from({ length: rounds + 1 }, (_, i) => `warm${i}`);
  const network = await newNetwork(namespace, {
    prewarmed: 1,
    node: { command: startCommand },
    images: Object.fromEntries(names.map((name) => [name, readyImage])),
  });
  const client = network.client();
  const path = join(root, 'samples/kv-raw');
  const code = await codePackage(path);
  const times = [];
  for (const name of names) {
    await install(client, { name, version: '1', path, code });
    await instantiate(client, { name, version: '1', args: ['init', 'a', '1'] });
    times.push(await registeredAfter(network, `${name}:1`));
    // Until the next one waits, and its fetcher listens.
    for (;;) {
      const { items } = JSON.parse(await kubectl('get', 'chaincodelaunches', '-n', namespace, '-o', 'json'));
      if (items.some(({ status }) => status?.phase === 'Warm')) break;
      await sleep(100);
    }
    await sleep(500);
  }
  const pooled = median(times.slice(1));
  row(
    'instantiate → registered, from a pool of prewarmed Pods',
    `${ms(pooled)} = ${(pooled / bareMedian).toFixed(2)} bare`,
    'goal ≤ 0.5',
  );
  await network.stop();
  await operator.stop();
  await kubectl('delete', 'namespace', namespace, '--wait=false');
}

async function fiftyAtOnce(loop) {
  const namespace = await newNamespace();
  const begin = now();
  await Promise.all(Array.from({ length: many }, (_, i) => bareStart(loop, namespace, `bare-${i}`)));
  const bare = now() - begin;
  await kubectl('delete', 'pods', '-n', namespace, '--all', '--grace-period=0', '--force', '--wait=true');
  await sleep(5000);
  const operator = new Operator();
  await operator.start(namespace);
  const names = Array.from({ length: many }, (_, i) => `cc${i}`);
  const network = await newNetwork(namespace, {
    node: { command: startCommand },
    images: Object.fromEntries(names.map((name) => [name, readyImage])),
  });
  const client = network.client();
  const path = join(root, 'samples/kv-raw');
  const code = await codePackage(path);
  for (const name of names) await install(client, { name, version: '1', path, code });
  const start = now();
  await Promise.all(
    names.map((name) => instantiate(client, { name, version: '1', args: ['init', 'a', '1'] })),
  );
  const ours = Math.max(...(await Promise.all(names.map((name) => registeredAfter(network, `${name}:1`)))));
  row(`${many} bare Pods at once, until the last first log line`, ms(bare));
  row(
    `${many} instantiates at once, until the last registration`,
    `${ms(ours)} = ${(ours / bare).toFixed(2)} bare`,
  );
  row('  … until the last commit', ms(now() - start));
  await network.stop();
  await operator.stop();
  await kubectl('delete', 'namespace', namespace, '--wait=false');
}

/** Nodes that kwok plays: Pods there run at once, and no kubelet costs anything. */
async function simulatedNodes() {
  const kwok = join(
    process.env.CLUSTER_CACHE ?? join(process.env.HOME, '.cache/chaincode-cluster'),
    'bin/kwok',
  );
  if (!existsSync(kwok)) {
    row(
      'ten thousand launches on simulated nodes',
      'not run',
      `needs kwok 0.8.0 at ${kwok} (go install sigs.k8s.io/kwok/cmd/kwok@v0.8.0)`,
    );
    return undefined;
  }
  const modules = (await run('go', ['env', 'GOMODCACHE'])).stdout.trim();
  const stages = join(modules, 'sigs.k8s.io/kwok@v0.8.0/kustomize/stage');
  const { stdout } = await run('sh', [
    '-c',
    `cat ${stages}/node/fast/node-initialize.yaml; for f in ${stages}/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml ${stages}/pod/fast/pod-*.yaml; do echo ---; cat $f; done`,
  ]);
  writeFileSync(join(work, 'stages.yaml'), stdout);
  const flags = [
    '--manage-all-nodes=false',
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    '--server-address=127.0.0.1:10347',
    '--node-ip=10.244.0.200',
    '--cidr=10.246.0.0/16',
    '--node-lease-duration-seconds=40',
  ];
  const child = spawn(
    kwok,
    [`--kubeconfig=${process.env.KUBECONFIG}`, `--config=${join(work, 'stages.yaml')}`, ...flags],
    { stdio: 'ignore' },
  );
  const nodes = Array.from({ length: 40 }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: `fake-${i}`, annotations: { 'kwok.x-k8s.io/node': 'fake' }, labels: { bench: 'fake' } },
    spec: { taints: [{ key: 'bench', value: 'fake', effect: 'NoSchedule' }] },
    status: {
      allocatable: { cpu: '64', memory: '1Ti', pods: '500' },
      capacity: { cpu: '64', memory: '1Ti', pods: '500' },
    },
  }));
  writeFileSync(join(work, 'nodes.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: nodes }));
  await kubectl('apply', '-f', join(work, 'nodes.json'));
  return {
    async remove() {
      await kubectl('delete', 'nodes', '-l', 'bench=fake');
      child.kill();
    },
  };
}

async function tenThousand() {
  const nodes = await simulatedNodes();
  if (!nodes) return;
  const loop = await BareLoop.open();
  const bareNamespace = await newNamespace();
  const launch = fakeLaunch(bareNamespace, 0, readyImage);
  const bareRate = await loop.createPods(bareNamespace, thousands, launch);
  row(`bare loop that creates ${thousands} such Pods, eight at a time`, `${Math.round(bareRate)} Pods/s`);
  await kubectl('delete', 'pods', '-n', bareNamespace, '--all', '--wait=false');
  await sleep(2000);
  await kubectl('delete', 'namespace', bareNamespace, '--timeout=600s');
  const namespace = await newNamespace();
  await loop.createLaunches(namespace, thousands, readyImage);
  const pod = await asInPod(namespace);
  const operator = new Operator();
  const begin = now();
  await operator.start(namespace, pod.env);
  let made = 0;
  let peak = 0;
  let looks = 0;
  let allMade;
  for (;;) {
    if (allMade !== undefined || now() - begin > 3000 + 2000 * looks) {
      looks += 1;
      peak = Math.max(peak, operator.rss());
    }
    const counts = await operator.requests();
    made = counts.POST ?? 0;
    if (allMade === undefined && made >= thousands) allMade = (now() - begin) / 1000;
    if (allMade !== undefined) {
      const started = (await loop.countLaunches(namespace)).Registering ?? 0;
      if (started >= thousands) break;
    }
    if (now() - begin > 900_000) break;
    await sleep(allMade === undefined ? 200 : 3000);
  }
  const rate = thousands / (allMade ?? (now() - begin) / 1000);
  const counts = await operator.requests();
  row(
    `${thousands} launches: Pods made by the operator, from the start of its process`,
    `${Math.round(rate)} Pods/s = ${Math.round((100 * rate) / bareRate)} %`,
    'goal ≥ 80 %',
  );
  row('  … until all are Registering (nobody registers here)', `${Math.round((now() - begin) / 1000)} s`);
  row('operator RSS at its highest', `${Math.round(peak)} MB`, 'goal < 200 MB');
  row(
    'API writes of the operator per launch',
    (writes(counts) / thousands).toFixed(2),
    JSON.stringify(counts),
  );
  await operator.stop();
  pod.remove();
  await kubectl('delete', 'chaincodelaunches', '-n', namespace, '--all', '--wait=false').catch(
    () => undefined,
  );
  await kubectl('delete', 'namespace', namespace, '--wait=false');
  await nodes.remove();
}

console.log(
  `Kubernetes ${JSON.parse(await kubectl('version', '-o', 'json')).serverVersion.gitVersion}, Node.js ${process.version}\n`,
);
makeReadyImage();
let code = 0;
try {
  if (only !== 'many') await oneAtATime();
  if (only !== 'one') await tenThousand();
} catch (error) {
  console.error(error);
  code = 1;
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
}
process.exit(code);
