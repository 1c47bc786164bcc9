import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { alertGroups } from '../../monitoring/alerts.js';
import { dashboards } from '../../monitoring/dashboards.js';
import { panelsOf } from '../../monitoring/panel.js';
import { substitute } from '../../monitoring/prometheus/variables.js';
import { ruleFile } from '../../monitoring/ruleFile.js';
import { ruleTests } from '../../monitoring/ruleTests.js';
import { hasPromtool, promtool } from '../support/promtool.js';

const deploy = resolve(import.meta.dirname, '../../deploy/monitoring');
const dir = mkdtempSync(join(tmpdir(), 'rules-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, content: object): string {
  const file = join(dir, name);
  writeFileSync(file, stringify(content, { aliasDuplicateObjects: false }));
  return file;
}

describe.skipIf(!hasPromtool())('promtool', () => {
  it('accepts the rule file', () => {
    const { code, output } = promtool('check', 'rules', join(deploy, 'alerts.yaml'));
    expect(output).toContain(`SUCCESS: ${alertGroups.flatMap(({ alerts }) => alerts).length} rules found`);
    expect(code).toBe(0);
  });

  it('sees each alert fire, with its texts, and stay quiet where it should', () => {
    expect(promtool('test', 'rules', join(deploy, 'alerts.test.yaml'))).toMatchObject({ code: 0 });
  });

  it('would say so if an alert did not fire', () => {
    const alerts = alertGroups.flatMap((group) => group.alerts);
    const never = alerts.map((alert) => ({ ...alert, expr: `(${alert.expr}) and on () vector(1) > 2` }));
    const rules = write('never.yaml', ruleFile([{ name: 'never', alerts: never }]));
    const { code, output } = promtool(
      'test',
      'rules',
      write('never.test.yaml', ruleTests(alertGroups, rules)),
    );
    expect(code).toBe(1);
    const failed = [...output.matchAll(/alertname: (\w+)/g)].map(([, name]) => name);
    expect(failed.sort()).toEqual(alerts.map(({ name }) => name).sort());
  });

  it('parses every query of every dashboard', () => {
    const queries = dashboards.flatMap(panelsOf).flatMap((panel) => panel.queries);
    const rules = queries.map(({ expr }, index) => ({
      record: `query:${index}`,
      expr: substitute(expr, { range: '1h', rateInterval: '1m' }),
    }));
    const { code, output } = promtool(
      'check',
      'rules',
      write('queries.yaml', { groups: [{ name: 'q', rules }] }),
    );
    expect(output).toContain(`SUCCESS: ${queries.length} rules found`);
    expect(code).toBe(0);
    expect(queries.length).toBeGreaterThan(60);
  });
});
