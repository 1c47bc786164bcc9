import { stringify } from 'yaml';
import { alertGroups } from './alerts.js';
import { dashboards } from './dashboards.js';
import { grafanaDashboard } from './grafana.js';
import { ruleFile } from './ruleFile.js';
import { ruleTests } from './ruleTests.js';

const made = '# Generated from monitoring/ by `make monitoring`.\n';
const yaml = (value: object): string =>
  `${made}${stringify(value, { lineWidth: 120, aliasDuplicateObjects: false })}`;

/** Everything below deploy/monitoring/, by its path there. */
export function monitoringFiles(): Map<string, string> {
  return new Map([
    ...dashboards.map((dashboard): [string, string] => [
      `dashboards/${dashboard.uid}.json`,
      `${JSON.stringify(grafanaDashboard(dashboard), null, 2)}\n`,
    ]),
    ['alerts.yaml', yaml(ruleFile(alertGroups))],
    ['alerts.test.yaml', yaml(ruleTests(alertGroups, 'alerts.yaml'))],
  ]);
}
