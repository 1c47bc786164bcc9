import type { AlertGroup } from './alert.js';
import { panelsOf, type Dashboard, type Panel, type Source } from './panel.js';
import { Prometheus } from './prometheus/api.js';
import { usedBy } from './prometheus/selectors.js';
import { chooseAll, substitute, type Variables } from './prometheus/variables.js';

/** A query of a panel that shows nothing. */
export interface EmptyQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly of: Source;
  /** As Prometheus was asked. */
  readonly expr: string;
  /** Nothing at all, or series without a number. */
  readonly why: 'nothing' | 'not a number';
}

export interface CheckOptions {
  /** Base URL of a Prometheus that has scraped what is to be shown. */
  readonly url: string;
  readonly variables: Variables;
  readonly dashboards: readonly Dashboard[];
  /** Which panels. @default all */
  readonly only?: (panel: Panel) => boolean;
}

/**
 * Asks every query of every panel, and returns those that a person would see nothing of: a metric that was renamed, a label
 * that does not exist, a part that was never in use. Rejects with a PrometheusError when a query is refused.
 */
export async function checkQueries(options: CheckOptions): Promise<EmptyQuery[]> {
  const prometheus = new Prometheus(options.url);
  const empty: EmptyQuery[] = [];
  for (const dashboard of options.dashboards) {
    const variables = await chooseAll(dashboard.variables, prometheus, options.variables);
    for (const panel of panelsOf(dashboard).filter(options.only ?? (() => true))) {
      for (const query of panel.queries) {
        const expr = substitute(query.expr, variables);
        const series = await prometheus.query(expr);
        if (series.some(({ points }) => points.some(([, value]) => Number.isFinite(value)))) continue;
        const why = series.length === 0 ? 'nothing' : 'not a number';
        empty.push({ dashboard: dashboard.uid, panel: panel.title, of: panel.of ?? 'endorser', expr, why });
      }
    }
  }
  return empty;
}

/** A metric that an alert looks at and that Prometheus does not have. */
export interface EmptySelector {
  readonly alert: string;
  readonly selector: string;
}

/** Looks for the series of every alert. Counters with labels are not there before their first event. */
export async function checkAlertSelectors(
  url: string,
  groups: readonly AlertGroup[],
): Promise<EmptySelector[]> {
  const prometheus = new Prometheus(url);
  const empty: EmptySelector[] = [];
  for (const { name, expr } of groups.flatMap(({ alerts }) => alerts)) {
    const selectors = new Set(usedBy(expr).selectors.map(({ text }) => text));
    for (const selector of selectors) {
      if ((await prometheus.query(`count(${selector})`)).length === 0) empty.push({ alert: name, selector });
    }
  }
  return empty;
}
