import type { Variable } from '../panel.js';
import type { Prometheus } from './api.js';

/**
 * What Grafana puts into an expression before it asks: the dashboard's variables, and the lengths that follow from the time
 * range and the scrape interval.
 */
export interface Variables {
  /** Regular expressions for the labels of the targets. @default everything */
  readonly namespace?: string;
  readonly job?: string;
  readonly instance?: string;
  /** The time range shown, as `1h`. */
  readonly range: string;
  /** At least four scrape intervals, as `1m`. */
  readonly rateInterval: string;
}

/**
 * Chooses all that there is for each variable of a dashboard that has no value yet, as "All" in Grafana does: the jobs and
 * instances of the programs that it is about, and of no others.
 */
export async function chooseAll(
  variables: readonly Variable[],
  prometheus: Pick<Prometheus, 'query'>,
  chosen: Variables,
): Promise<Variables> {
  let all = chosen;
  for (const { name, from } of variables) {
    // Namespaces have `.*` for All: a plain scrape configuration sets none.
    if (name === 'namespace' || all[name] !== undefined) continue;
    const series = await prometheus.query(`group by (${name}) (${substitute(from, all)})`);
    const values = series.map(({ labels }) => labels[name] ?? '');
    all = { ...all, [name]: values.map(literally).join('|') };
  }
  return all;
}

/** A regular expression, within a string of PromQL, for one text. */
function literally(text: string): string {
  return text.replaceAll(/[\\^$*+?.()|[\]{}]/g, String.raw`\\$&`);
}

/** @throws Error naming a variable that has no value */
export function substitute(expr: string, variables: Variables): string {
  const values = new Map([
    ['namespace', variables.namespace ?? '.*'],
    ['job', variables.job ?? '.+'],
    ['instance', variables.instance ?? '.+'],
    ['__range', variables.range],
    ['__rate_interval', variables.rateInterval],
  ]);
  return expr.replaceAll(/\$(\w+)/g, (written, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`${written} in ${expr} has no value`);
    return value;
  });
}
