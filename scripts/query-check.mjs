// Asks the Prometheus at PROMETHEUS_URL every query of every dashboard and for the series of every alert, and tells which
// of them bring nothing. Variables: NAMESPACE, JOB, INSTANCE (regular expressions), RANGE (15m), RATE_INTERVAL (1m);
// names of dashboards as arguments, default all. Exit code 1 when something is empty.
import { alertGroups } from '../.cache/monitoring/alerts.js';
import { checkAlertSelectors, checkQueries } from '../.cache/monitoring/checkQueries.js';
import { dashboards } from '../.cache/monitoring/dashboards.js';

const { PROMETHEUS_URL, NAMESPACE, JOB, INSTANCE, RANGE = '15m', RATE_INTERVAL = '1m' } = process.env;
if (!PROMETHEUS_URL) {
  console.error('Error: PROMETHEUS_URL is not set, for example http://127.0.0.1:9090');
  process.exit(1);
}
const names = process.argv.slice(2);
const empty = await checkQueries({
  url: PROMETHEUS_URL,
  variables: {
    namespace: NAMESPACE,
    job: JOB,
    instance: INSTANCE,
    range: RANGE,
    rateInterval: RATE_INTERVAL,
  },
  dashboards: dashboards.filter(({ uid }) => names.length === 0 || names.includes(uid)),
});
for (const { dashboard, panel, expr, why } of empty) console.log(`${dashboard}: ${panel}: ${why}\n  ${expr}`);
const selectors = names.length === 0 ? await checkAlertSelectors(PROMETHEUS_URL, alertGroups) : [];
for (const { alert, selector } of selectors) console.log(`alert ${alert}: nothing\n  ${selector}`);
console.log(`${empty.length} queries and ${selectors.length} series of alerts are empty`);
process.exit(empty.length + selectors.length > 0 ? 1 : 0);
