/** One series of a result; times in seconds since 1970, values may be NaN. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [time: number, value: number])[];
}

/** Prometheus did not answer a query, or refused it. */
export class PrometheusError extends Error {}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: readonly unknown[] };
}

interface RawSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

/** The HTTP API of a Prometheus, as far as queries go. */
export class Prometheus {
  readonly #url: string;

  /** @param url such as http://127.0.0.1:9090 */
  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  /** The value of each series at one time. @param time seconds since 1970; default now */
  async query(expr: string, time?: number): Promise<Series[]> {
    return this.#ask('query', { query: expr, ...(time !== undefined && { time: String(time) }) });
  }

  /** The values of each series from `start` to `end`, every `step` seconds. */
  async queryRange(expr: string, start: number, end: number, step: number): Promise<Series[]> {
    return this.#ask('query_range', {
      query: expr,
      start: String(start),
      end: String(end),
      step: String(step),
    });
  }

  async #ask(what: string, parameters: Record<string, string>): Promise<Series[]> {
    const response = await fetch(`${this.#url}/api/v1/${what}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
      signal: AbortSignal.timeout(30_000),
    }).catch((cause: unknown) => {
      throw new PrometheusError(`${this.#url} does not answer`, { cause });
    });
    const answer = (await response.json().catch((cause: unknown) => {
      throw new PrometheusError(`${this.#url} answered ${response.status} without JSON`, { cause });
    })) as Answer;
    if (answer.status !== 'success' || !answer.data) {
      throw new PrometheusError(`${answer.error ?? answer.status}: ${parameters['query'] ?? ''}`);
    }
    if (answer.data.resultType === 'scalar') {
      return [{ labels: {}, points: [point(answer.data.result as unknown as [number, string])] }];
    }
    return (answer.data.result as readonly RawSeries[]).map(({ metric, value, values }) => ({
      labels: metric,
      points: (values ?? (value ? [value] : [])).map(point),
    }));
  }
}

function point([time, value]: readonly [number, string]): readonly [number, number] {
  return [time, value === '+Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value)];
}
