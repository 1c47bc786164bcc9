// Draws each dashboard with the data of the Prometheus at PROMETHEUS_URL into docs/images/, or the folder given as argument.
// Variables: NAMESPACE, JOB, INSTANCE (regular expressions), RANGE_MINUTES (15), RATE_INTERVAL (1m), END (seconds since 1970).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dashboards } from '../.cache/monitoring/dashboards.js';
import { linesOf } from '../.cache/monitoring/pictures/data.js';
import { dashboardPicture } from '../.cache/monitoring/pictures/picture.js';
import { Prometheus } from '../.cache/monitoring/prometheus/api.js';

const {
  PROMETHEUS_URL,
  NAMESPACE,
  JOB,
  INSTANCE,
  RATE_INTERVAL = '1m',
  RANGE_MINUTES = '15',
  END,
} = process.env;
if (!PROMETHEUS_URL) {
  console.error('Error: PROMETHEUS_URL is not set, for example http://127.0.0.1:9090');
  process.exit(1);
}
const folder = process.argv[2] ?? resolve(import.meta.dirname, '../docs/images');
mkdirSync(folder, { recursive: true });
const end = END === undefined ? Math.floor(Date.now() / 1000) : Number(END);
const seconds = Number(RANGE_MINUTES) * 60;
const range = { start: end - seconds, end, step: Math.max(1, Math.round(seconds / 144)) };
const variables = {
  namespace: NAMESPACE,
  job: JOB,
  instance: INSTANCE,
  range: `${RANGE_MINUTES}m`,
  rateInterval: RATE_INTERVAL,
};
for (const dashboard of dashboards) {
  const lines = await linesOf(dashboard, new Prometheus(PROMETHEUS_URL), range, variables);
  const file = join(folder, `dashboard-${dashboard.uid.replace('chaincode-', '')}.svg`);
  writeFileSync(file, dashboardPicture(dashboard, lines, range));
  const empty = [...lines.values()].filter((one) => one.length === 0).length;
  console.log(`${file}: ${lines.size} panels, ${empty} without data`);
}
