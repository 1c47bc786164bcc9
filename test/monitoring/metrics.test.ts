import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runbookOf } from '../../monitoring/alert.js';
import { alertGroups } from '../../monitoring/alerts.js';
import { dashboards } from '../../monitoring/dashboards.js';
import { panelsOf } from '../../monitoring/panel.js';
import { usedBy } from '../../monitoring/prometheus/selectors.js';
import { markOf } from '../../monitoring/targets.js';
import { productMetrics } from '../support/productMetrics.js';

const root = resolve(import.meta.dirname, '../..');
/** Labels of the target, and those that an expression makes itself. */
const ofTarget = ['namespace', 'job', 'instance'];
const metrics = await productMetrics();
metrics.set('up', []);
const alerts = alertGroups.flatMap((group) => group.alerts);
const panels = dashboards.flatMap(panelsOf);
const expressions = [
  ...panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ of: title, expr }))),
  ...alerts.map(({ name, expr }) => ({ of: name, expr })),
];

describe('the expressions of dashboards and alerts', () => {
  it('use metrics that the programs show, with labels that they have', () => {
    const wrong = expressions.flatMap(({ of, expr }) => {
      const { selectors, grouping } = usedBy(expr);
      const known = new Set([...ofTarget, ...selectors.flatMap(({ metric }) => metrics.get(metric) ?? [])]);
      return [
        ...selectors
          .filter(({ metric }) => !metrics.has(metric))
          .map(({ metric }) => `${of}: no metric ${metric}`),
        ...selectors.flatMap(({ metric, labels }) =>
          labels
            .filter((label) => !ofTarget.includes(label) && metrics.get(metric)?.includes(label) === false)
            .map((label) => `${of}: ${metric} has no label ${label}`),
        ),
        ...grouping.filter((label) => !known.has(label)).map((label) => `${of}: no label ${label}`),
      ];
    });
    expect(wrong).toEqual([]);
  });

  it('find targets by metrics that every program of its kind shows', () => {
    expect(Object.values(markOf).filter((mark) => !metrics.has(mark))).toEqual([]);
  });

  it('name in their legends only labels that are left of the series', () => {
    const wrong = panels.flatMap(({ title, queries }) =>
      queries.flatMap(({ expr, legend }) => {
        const { selectors, grouping } = usedBy(expr);
        const aggregated = /^(sum|histogram_quantile|max|min)\b/.test(expr);
        const left = aggregated
          ? grouping
          : [...ofTarget, ...selectors.flatMap(({ metric }) => metrics.get(metric) ?? [])];
        return [...legend.matchAll(/{{(\w+)}}/g)]
          .filter(([, label = '']) => !left.includes(label))
          .map(([label]) => `${title}: ${label}`);
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe('what is found in an expression', () => {
  it('are its metrics with their matchers, and the labels that it groups by', () => {
    expect(
      usedBy(
        'sum by (phase, le) (rate(a_bucket{job=~"x{y}",success="true"}[5m])) / on (phase) group_left () up > 1',
      ),
    ).toEqual({
      selectors: [
        { metric: 'a_bucket', labels: ['job', 'success'], text: 'a_bucket{job=~"x{y}",success="true"}' },
        { metric: 'up', labels: [], text: 'up' },
      ],
      grouping: ['phase', 'le', 'phase'],
    });
  });
});

describe('alerts', () => {
  it('have names of their own', () => {
    expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
  });

  it('each point to a heading that tells what to do', () => {
    const headings = readFileSync(resolve(root, 'docs/troubleshooting.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .map((line) => `docs/troubleshooting.md#${line.replace(/^#+ /, '').toLowerCase()}`);
    expect(alerts.map(runbookOf).filter((anchor) => !headings.includes(anchor))).toEqual([]);
  });
});

describe('dashboards', () => {
  it.each(dashboards)('$uid asks a question in every panel', (dashboard) => {
    const mute = panelsOf(dashboard).filter(
      ({ description, queries }) => description.length < 10 || queries.length === 0,
    );
    expect(mute).toEqual([]);
  });

  it.each(dashboards)('$uid is laid out without overlaps, in 24 columns', (dashboard) => {
    const { panels: laid } = JSON.parse(
      readFileSync(resolve(root, `deploy/monitoring/dashboards/${dashboard.uid}.json`), 'utf8'),
    ) as { panels: { id: number; title: string; gridPos: { x: number; y: number; w: number; h: number } }[] };
    expect(new Set(laid.map(({ id }) => id)).size).toBe(laid.length);
    const overlaps = laid.flatMap((a, index) =>
      laid
        .slice(index + 1)
        .filter(
          ({ gridPos: b }) =>
            a.gridPos.x < b.x + b.w &&
            b.x < a.gridPos.x + a.gridPos.w &&
            a.gridPos.y < b.y + b.h &&
            b.y < a.gridPos.y + a.gridPos.h,
        )
        .map((b) => `${a.title} / ${b.title}`),
    );
    expect(overlaps).toEqual([]);
    expect(laid.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });
});
