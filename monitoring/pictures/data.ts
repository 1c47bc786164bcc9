import { panelsOf, type Dashboard, type Panel } from '../panel.js';
import type { Prometheus, Series } from '../prometheus/api.js';
import { chooseAll, substitute, type Variables } from '../prometheus/variables.js';

/** The times that a picture shows, in seconds since 1970. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What one series of a panel shows; values are numbers. */
export interface Line {
  readonly legend: string;
  readonly points: readonly (readonly [time: number, value: number])[];
}

/** What each panel of a dashboard shows. */
export type PanelLines = ReadonlyMap<Panel, readonly Line[]>;

/** Asks the queries of all panels, as Grafana does: bars and numbers for the end of the range, the others for all of it. */
export async function linesOf(
  dashboard: Dashboard,
  prometheus: Prometheus,
  { start, end, step }: TimeRange,
  variables: Variables,
): Promise<PanelLines> {
  const lines = new Map<Panel, readonly Line[]>();
  const chosen = await chooseAll(dashboard.variables, prometheus, variables);
  for (const panel of panelsOf(dashboard)) {
    const instant = panel.kind === 'numbers' || panel.kind === 'bars';
    const found: Line[] = [];
    for (const { expr, legend } of panel.queries) {
      const asked = substitute(expr, chosen);
      const series = instant
        ? await prometheus.query(asked, end)
        : await prometheus.queryRange(asked, start, end, step);
      found.push(...series.map((one) => line(one, legend)));
    }
    lines.set(
      panel,
      found.filter(({ points }) => points.length > 0),
    );
  }
  return lines;
}

function line({ labels, points }: Series, legend: string): Line {
  return {
    legend: legend.replaceAll(/{{(\w+)}}/g, (_written, label: string) => labels[label] ?? '').trim(),
    points: points.filter(([, value]) => Number.isFinite(value)),
  };
}
