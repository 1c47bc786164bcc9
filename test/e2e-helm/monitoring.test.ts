import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertGroups } from '../../monitoring/alerts.js';
import { checkAlertSelectors, checkQueries, type EmptyQuery } from '../../monitoring/checkQueries.js';
import { dashboards } from '../../monitoring/dashboards.js';
import { panelsOf } from '../../monitoring/panel.js';
import { Prometheus } from '../../monitoring/prometheus/api.js';
import { substitute, type Variables } from '../../monitoring/prometheus/variables.js';
import { hasPrometheus } from '../support/prometheus.js';
import { MonitoredRelease } from './support/monitoredRelease.js';

/** Only there does a program of this machine reach Pods by their addresses. */
const reachesPods = process.env['E2E_CLUSTER'] === 'local';
if (!reachesPods) console.warn('Pods are not reached from here: dashboards of a release are not asked for');

/** What has just happened is shown after one more scrape, rates after two. */
const soon = { timeout: 30_000, interval: 500 };

describe.skipIf(!reachesPods || !hasPrometheus())('a Prometheus that has scraped a release', () => {
  const release = new MonitoredRelease();
  const variables: Variables = { namespace: release.namespace.name, range: '15m', rateInterval: '5m' };

  beforeAll(async () => {
    await release.start();
    await release.deploy('kv');
    for (const value of ['90', '80', '70']) {
      await release.invoke('kv', 'put', 'a', value);
      expect((await release.query('kv', 'get', 'a')).stdout).toBe(value);
    }
    expect((await release.query('kv', 'error', 'no')).code).toBe(1);
    expect((await release.query('kv', 'sleep', '4000')).code).toBe(1);
    expect(await release.failToDeploy('ends', 'process.exit(1)')).toContain('container exited with 1');
    expect(await release.failToDeploy('silent', 'setInterval(() => {}, 1000)')).toContain('timeout expired');
  }, 400_000);

  afterAll(() => release.remove());

  function panel(title: string, of?: string): { readonly title: string; readonly exprs: readonly string[] } {
    const found = dashboards
      .filter(({ uid }) => of === undefined || uid === of)
      .flatMap(panelsOf)
      .find((one) => one.title === title)!;
    return { title, exprs: found.queries.map(({ expr }) => substitute(expr, variables)) };
  }

  /** The value of the panel's query, by the value of one of its labels. */
  async function shown(title: string, label: string, query = 0): Promise<Record<string, number>> {
    const series = await new Prometheus(release.prometheus).query(panel(title).exprs[query]!);
    return Object.fromEntries(series.map(({ labels, points }) => [labels[label] ?? '', points[0]![1]]));
  }

  async function empty(which: Variables): Promise<EmptyQuery[]> {
    await release.invoke('kv', 'put', 'a', '60');
    return checkQueries({ url: release.prometheus, variables: which, dashboards });
  }

  it('has something to show in every panel of every dashboard', async () => {
    await expect.poll(() => empty(variables), soon).toEqual([]);
  });

  it('has the series of every alert', async () => {
    await expect.poll(() => checkAlertSelectors(release.prometheus, alertGroups), soon).toEqual([]);
  });

  it('offers the programs of the release, by namespace, kind and Pod', async () => {
    const pods = await release.namespace.list('pods', '-l', 'app.kubernetes.io/component');
    for (const dashboard of dashboards) {
      const kinds =
        dashboard.uid === 'chaincode-launches'
          ? ['endorser', 'operator']
          : [dashboard.uid.replace('chaincode-', '')];
      const of = pods.filter(({ metadata }) =>
        kinds.includes(metadata.labels!['app.kubernetes.io/component']!),
      );
      const [namespaces, jobs, instances] = await Promise.all(
        dashboard.variables.map(({ name, from }) => values(name, substitute(from, variables))),
      );
      expect(namespaces).toEqual([release.namespace.name]);
      expect(jobs).toEqual(kinds);
      expect(instances).toEqual(of.map(({ metadata }) => metadata.name).sort());
    }
  });

  async function values(label: string, selector: string): Promise<string[]> {
    const series = await new Prometheus(release.prometheus).query(`group by (${label}) (${selector})`);
    return series.map(({ labels }) => labels[label] ?? '').sort();
  }

  it('shows nothing of a namespace that is not chosen', async () => {
    const none = await empty({ ...variables, namespace: 'another' });
    // Those say 0 where nothing has happened.
    const all = dashboards.flatMap(panelsOf).flatMap(({ queries }) => queries);
    expect(none).toHaveLength(all.filter(({ expr }) => !expr.includes('vector(0)')).length);
  });

  it('shows which launches failed, and why', async () => {
    const title = 'Failed and timed out, by chaincode';
    await expect.poll(() => shown(title, 'chaincode'), soon).toEqual({ 'ends:1.0': 1 });
    await expect.poll(() => shown(title, 'chaincode', 1), soon).toEqual({ 'silent:1.0': 1 });
    await expect
      .poll(() => shown('Failed Pods, by reason', 'reason'), soon)
      .toEqual({ ContainerExited: 1, GivenUp: 1 });
  });

  it('shows what is launched, and how long each phase of it took', async () => {
    await expect.poll(() => shown('Ready in Pods', ''), soon).toEqual({ '': 1 });
    await expect.poll(() => shown('On the way in Pods', ''), soon).toEqual({ '': 0 });
    const seconds = await shown('Phases of Pods', 'phase');
    expect(Object.keys(seconds).sort()).toEqual([
      'Building',
      'Pending',
      'Registering',
      'Scheduling',
      'Starting',
    ]);
    expect(Math.max(...Object.values(seconds))).toBeLessThan(60);
  });

  it('shows one leader of two operators', async () => {
    const leads = async (): Promise<number[]> => Object.values(await shown('Leader', 'instance')).sort();
    await expect.poll(leads, soon).toEqual([0, 1]);
  });

  it('fires the alerts about what went wrong, and no other', async () => {
    const firing = async (): Promise<string[]> => {
      const series = await new Prometheus(release.prometheus).query('ALERTS{alertstate="firing"}');
      return series
        .map(({ labels }) => ['alertname', 'namespace', 'job', 'chaincode'].map((name) => labels[name]))
        .map((words) => words.join(' '))
        .sort();
    };
    const at = `${release.namespace.name} endorser`;
    await expect
      .poll(firing, soon)
      .toEqual([
        `ChaincodeExecuteTimeouts ${at} kv:1.0`,
        `ChaincodeLaunchFails ${at} ends:1.0`,
        `ChaincodeLaunchTimesOut ${at} silent:1.0`,
      ]);
  });
});
