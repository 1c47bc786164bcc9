/**
 * Pieces of PromQL that panels and alerts are put together from. What a metric's own source says holds here too: counters
 * with labels come to life with their first event, so that rate() and increase() never see that first one.
 */

/** The targets that a dashboard's variables select. */
export const scope = 'namespace=~"$namespace",job=~"$job",instance=~"$instance"';

/** A metric of the selected targets. @param matchers such as `success="true"` */
export function select(name: string, matchers = ''): string {
  return `${name}{${matchers === '' ? scope : `${scope},${matchers}`}}`;
}

/** Events per second, summed by labels. @param by empty = one sum */
export function perSecond(series: string, by = '', window = '$__rate_interval'): string {
  return sum(`rate(${series}[${window}])`, by);
}

/** One sum, or one for each value of the labels. */
export function sum(expr: string, by = ''): string {
  return by === '' ? `sum(${expr})` : `sum by (${by}) (${expr})`;
}

/** A quantile of a classic histogram. @param buckets the selection of `…_bucket` */
export function quantile(q: number, buckets: string, by = '', window = '$__rate_interval'): string {
  return `histogram_quantile(${q}, ${perSecond(buckets, by === '' ? 'le' : `${by}, le`, window)})`;
}

/**
 * How much each series of a counter grew, its first event included: a series that did not exist before the window has
 * grown by all that it came to, even if it went with its process meanwhile.
 */
export function growth(series: string, window: string): string {
  const whole = `max_over_time(${series}[${window}])`;
  return `((${whole} unless ${series} offset ${window}) or increase(${series}[${window}]))`;
}

/** What shows 0, under a label of its own, while there is nothing to show. */
export function orZero(expr: string, label?: string): string {
  const zero = label === undefined ? 'vector(0)' : `label_replace(vector(0), "${label}", "none", "", "")`;
  return `${expr} or on() ${zero}`;
}
