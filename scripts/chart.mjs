// Writes the generated parts of the Helm chart: its copy of the CRD, of dashboards and alerts, and the parts of
// values.schema.json that are this program's own configuration. With --check it only tells whether they are current.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coreSchema } from '../dist/config/schema/core.js';
import { podSchema } from '../dist/k8s/api/schema.js';
import { settle } from './generated.mjs';

const deploy = fileURLToPath(new URL('../deploy', import.meta.url));
const chart = join(deploy, 'helm', 'chaincode-launcher');

/** Durations as Go writes them. */
const duration = '^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|^0$';

/** JSON Schema as Helm reads it: no unknown keys, no formats that mean something else there. */
function closed(schema) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const { format, properties, required, ...rest } = schema;
  void required;
  const result = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, closed(value)]));
  if (format === 'duration') result.pattern = duration;
  if (properties === undefined) return result;
  const entries = Object.entries(properties).map(([key, value]) => [key, closed(value)]);
  return { additionalProperties: false, ...result, properties: Object.fromEntries(entries) };
}

async function schema() {
  const file = join(chart, 'values.schema.json');
  const value = JSON.parse(await readFile(file, 'utf8'));
  value.$defs.core = closed(JSON.parse(JSON.stringify(coreSchema)));
  value.$defs.pod = closed(JSON.parse(JSON.stringify(podSchema)));
  return [file, `${JSON.stringify(value, null, 2)}\n`];
}

async function copies(from, to) {
  const names = (await readdir(from)).filter((name) => /\.(yaml|json)$/.test(name));
  return Promise.all(names.map(async (name) => [join(to, name), await readFile(join(from, name), 'utf8')]));
}

const files = [
  await schema(),
  ...(await copies(join(deploy, 'crds'), join(chart, 'crds'))),
  ...(await copies(join(deploy, 'monitoring', 'dashboards'), join(chart, 'files', 'dashboards'))),
  [join(chart, 'files', 'alerts.yaml'), await readFile(join(deploy, 'monitoring', 'alerts.yaml'), 'utf8')],
];
await settle(files, 'chart');
