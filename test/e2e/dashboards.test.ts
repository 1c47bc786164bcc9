import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertGroups } from '../../monitoring/alerts.js';
import { endorserAlerts, processAlerts } from '../../monitoring/alerts/endorser.js';
import { launchAlerts } from '../../monitoring/alerts/launches.js';
import { checkAlertSelectors, checkQueries } from '../../monitoring/checkQueries.js';
import { endorser } from '../../monitoring/dashboards/endorser.js';
import { launches } from '../../monitoring/dashboards/launches.js';
import { operator } from '../../monitoring/dashboards/operator.js';
import { Prometheus } from '../../monitoring/prometheus/api.js';
import { substitute, type Variables } from '../../monitoring/prometheus/variables.js';
import { DevNetwork } from '../support/devNetwork.js';
import { hasPrometheus, TestPrometheus } from '../support/prometheus.js';

const kvRaw = resolve(import.meta.dirname, '../../samples/kv-raw');
const variables: Variables = { job: 'endorser', range: '10m', rateInterval: '1m' };

describe.skipIf(!hasPrometheus())('a Prometheus that has scraped an endorser', () => {
  const network = new DevNetwork();
  const folder = mkdtempSync(join(tmpdir(), 'failing-chaincode-'));
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    await network.start();
    prometheus = await TestPrometheus.start({ endorser: [network.description.peer.operations] });
    await network.deploy('kv', kvRaw, ['init', 'a', '100']);
    for (const value of ['90', '80', '70']) {
      const ctor = JSON.stringify({ Args: ['put', 'a', value] });
      await network.ok('chaincode', 'invoke', '-C', 'mychannel', '-n', 'kv', '-c', ctor, '--waitForEvent');
      expect((await network.query('kv', 'get', 'a')).stdout).toBe(value);
    }
    await failToLaunch();
    // Rates need two scrapes of everything.
    await sleep(3_000);
  }, 120_000);

  afterAll(async () => {
    await prometheus.remove();
    await network.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function failToLaunch(): Promise<void> {
    mkdirSync(join(folder, 'node_modules', 'none'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', 'none', 'package.json'), '{}');
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'ends', version: '1.0.0', scripts: { start: 'node main.js' } }),
    );
    writeFileSync(join(folder, 'main.js'), 'process.exit(1)');
    await network.ok('chaincode', 'install', '-l', 'node', '-n', 'ends', '-v', '1.0', '-p', folder);
    const ctor = ['-v', '1.0', '-c', '{"Args":["init"]}'];
    const { code } = await network.cli(
      ...['chaincode', 'instantiate', '-C', 'mychannel', '-n', 'ends', ...ctor],
    );
    expect(code).toBe(1);
  }

  /** The value of the panel's query, by the value of one of its labels. */
  async function shown(title: string, label: string, query = 0): Promise<Record<string, number>> {
    const panel = [launches, endorser].flatMap(({ rows }) => rows.flatMap(({ panels }) => panels));
    const expr = panel.find((one) => one.title === title)!.queries[query]!.expr;
    const series = await new Prometheus(prometheus.url).query(substitute(expr, variables));
    return Object.fromEntries(series.map(({ labels, points }) => [labels[label] ?? '', points[0]![1]]));
  }

  it('has something to show in every panel about it', async () => {
    const empty = await checkQueries({
      url: prometheus.url,
      variables,
      dashboards: [launches, endorser],
      only: ({ of }) => of !== 'operator',
    });
    expect(empty).toEqual([]);
  });

  it('shows the very first failure of a chaincode', async () => {
    expect(await shown('Failed and timed out, by chaincode', 'chaincode')).toEqual({ 'ends:1.0': 1 });
    expect(await shown('Failed and timed out, by chaincode', 'chaincode', 1)).toEqual({ none: 0 });
  });

  it('shows how long phases took, of launches that succeeded', async () => {
    const median = await shown('Phases as the endorser sees them', 'phase');
    expect(Object.keys(median).sort()).toEqual(['build', 'package', 'register', 'start']);
    expect(Math.min(...Object.values(median))).toBeGreaterThan(0);
  });

  it('has the series of every alert about endorsers', async () => {
    const empty = await checkAlertSelectors(prometheus.url, [endorserAlerts, launchAlerts, processAlerts]);
    expect(empty.map(({ selector }) => selector).sort()).toEqual([
      // Those come with the first timeout.
      'chaincode_execute_timeouts',
      'chaincode_launch_timeouts',
      // Those are the operator's.
      'chaincode_launcher_launches{phase=~"Pending|Building|Scheduling|Starting|Registering"}',
      'chaincode_launcher_pod_phase_duration_seconds_count',
    ]);
  });

  it('would be told of a panel that shows nothing', async () => {
    const empty = await checkQueries({ url: prometheus.url, variables, dashboards: [operator] });
    expect(empty.map(({ panel }) => panel)).toContain('Leader');
    const [first] = await checkAlertSelectors(prometheus.url, alertGroups.slice(2, 3));
    expect(first).toEqual({
      alert: 'ChaincodeOperatorHasNoLeader',
      selector: 'leader_election_master_status',
    });
  });
});
