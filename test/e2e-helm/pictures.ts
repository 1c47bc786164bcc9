// Makes the pictures of docs/monitoring.md: uses a release on a cluster for PICTURE_MINUTES (10), with launches that succeed, fail
// and time out, and has scripts/dashboard-pictures.mjs draw what a Prometheus saw. `make dashboard-pictures`
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MonitoredRelease } from './support/monitoredRelease.js';

const minutes = Number(process.env['PICTURE_MINUTES'] ?? 10);
const release = new MonitoredRelease();
const chaincodes: string[] = [];
let step = 0;

/** What happens at which part of the time. */
const events: readonly (readonly [part: number, () => Promise<unknown>])[] = [
  [0, () => deploy('asset')],
  [0.15, () => deploy('audit')],
  [0.3, () => release.failToDeploy('ends', 'process.exit(1)')],
  [0.4, () => Promise.all(['bond', 'cargo', 'deed'].map(deploy))],
  [0.6, () => release.query('asset', 'sleep', '4000')],
  [0.7, () => release.failToDeploy('silent', 'setInterval(() => {}, 1000)')],
  [0.5, () => release.refuse('fund')],
  [0.85, () => deploy('escrow')],
];

async function deploy(name: string): Promise<void> {
  await release.deploy(name);
  chaincodes.push(name);
}

/** One client's next call: mostly writes and reads, and now and then one that is refused. */
async function use(): Promise<void> {
  step += 1;
  const name = chaincodes[step % chaincodes.length];
  if (name === undefined) return;
  const key = `key${step % 7}`;
  if (step % 23 === 0) await release.query(name, 'cc2cc', 'nobody', 'mychannel', 'get', key);
  else if (step % 17 === 0) await release.query(name, 'error', 'no');
  else if (step % 5 === 0) await release.query(name, 'range', 'a', 'z');
  else if (step % 2 === 0) await release.query(name, 'get', key);
  else await release.invoke(name, 'put', key, String(step));
}

async function useUntil(end: number): Promise<void> {
  while (Date.now() < end) {
    await use();
    await sleep(500 * (1 + Math.sin(Date.now() / 40_000)));
  }
}

try {
  await release.start('5s');
  console.log(`${release.prometheus} scrapes namespace ${release.namespace.name} for ${minutes} minutes`);
  const begin = Date.now();
  const end = begin + minutes * 60_000;
  const using = [useUntil(end), useUntil(end)];
  for (const [part, happen] of events) {
    await sleep(Math.max(0, begin + part * (end - begin) - Date.now()));
    await happen();
  }
  await Promise.all(using);
  const { status } = spawnSync(
    process.execPath,
    [resolve(import.meta.dirname, '../../scripts/dashboard-pictures.mjs')],
    {
      env: { ...process.env, PROMETHEUS_URL: release.prometheus, RANGE_MINUTES: String(minutes) },
      stdio: 'inherit',
    },
  );
  process.exitCode = status ?? 1;
} finally {
  await release.remove();
}
