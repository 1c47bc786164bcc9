import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertGroups } from '../../monitoring/alerts.js';
import { endorserAlerts, processAlerts } from '../../monitoring/alerts/endorser.js';
import { launchAlerts } from '../../monitoring/alerts/launches.js';
import { checkAlertSelectors, checkQueries, type EmptyQuery } from '../../monitoring/checkQueries.js';
import { endorser } from '../../monitoring/dashboards/endorser.js';
import { launches } from '../../monitoring/dashboards/launches.js';
import { operator } from '../../monitoring/dashboards/operator.js';
import { Prometheus } from '../../monitoring/prometheus/api.js';
import { substitute, type Variables } from '../../monitoring/prometheus/variables.js';
import { DevNetwork } from '../support/devNetwork.js';
import { writePackage } from '../support/madePackage.js';
import { hasPrometheus, TestPrometheus } from '../support/prometheus.js';

const kvRaw = resolve(import.meta.dirname, '../../samples/kv-raw');
/** A rate looks back over all that a busy machine needs for this. */
const variables: Variables = { range: '10m', rateInterval: '5m' };
/** What has just happened is shown after one more scrape, rates after two, and a busy machine misses some. */
const soon = { timeout: 60_000, interval: 500 };

describe.skipIf(!hasPrometheus())('a Prometheus that has scraped an endorser', { timeout: 90_000 }, () => {
  const network = new DevNetwork();
  const folder = mkdtempSync(join(tmpdir(), 'failing-chaincode-'));
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    await network.start();
    prometheus = await TestPrometheus.start({ endorser: [network.description.peer.operations] });
    await network.deploy('kv', kvRaw, ['init', 'a', '100']);
    for (const value of ['90', '80', '70']) await use(value);
    await failToLaunch();
  }, 240_000);

  afterAll(async () => {
    await prometheus.remove();
    await network.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function use(value: string): Promise<void> {
    const ctor = JSON.stringify({ Args: ['put', 'a', value] });
    await network.ok('chaincode', 'invoke', '-C', 'mychannel', '-n', 'kv', '-c', ctor, '--waitForEvent');
    expect((await network.query('kv', 'get', 'a')).stdout).toBe(value);
  }

  async function failToLaunch(): Promise<void> {
    writePackage(folder, 'process.exit(1)');
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
    const empty = async (): Promise<EmptyQuery[]> => {
      // Scrapes may have been missed while it was in use.
      await use('60');
      return checkQueries({
        url: prometheus.url,
        variables,
        dashboards: [launches, endorser],
        only: ({ of }) => of !== 'operator',
      });
    };
    await expect.poll(empty, soon).toEqual([]);
  });

  it('shows the very first failure of a chaincode', async () => {
    const title = 'Failed and timed out, by chaincode';
    await expect.poll(() => shown(title, 'chaincode'), soon).toEqual({ 'ends:1.0': 1 });
    expect(await shown(title, 'chaincode', 1)).toEqual({ none: 0 });
  });

  it('shows how long phases took, of launches that succeeded', async () => {
    const median = (): Promise<Record<string, number>> => shown('Phases as the endorser sees them', 'phase');
    await expect.poll(async () => Math.min(...Object.values(await median())), soon).toBeGreaterThan(0);
    expect(Object.keys(await median()).sort()).toEqual(['build', 'package', 'register', 'start']);
  });

  it('has the series of every alert about endorsers', async () => {
    const empty = async (): Promise<string[]> => {
      const of = await checkAlertSelectors(prometheus.url, [endorserAlerts, launchAlerts, processAlerts]);
      return of.map(({ selector }) => selector).sort();
    };
    await expect.poll(empty, soon).toEqual([
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
