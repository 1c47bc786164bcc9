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
