/** critical: proposals fail, or will soon; warning: look at it during the day. */
export type Severity = 'critical' | 'warning';

/** Samples of one series, one a minute, in promtool's notation: `0+1x5` is 0 1 2 3 4 5, `_` is a gap. */
export interface Sample {
  readonly series: string;
  readonly values: string;
}

/** What promtool must find at one time. */
export interface AlertTest {
  readonly given: readonly Sample[];
  /** Minutes from the begin of the samples. */
  readonly atMinute: number;
}

/** An alert as it fires: its labels beside the severity, and its rendered texts. */
export interface Fired {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly description: string;
}

/** A rule with its proof: a case in which it fires, and the nearest one in which it does not. */
export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  readonly expr: string;
  /** The expression must hold for so long. Absent = it fires at once. */
  readonly for?: string;
  /** One line; Go templates as Prometheus has them. */
  readonly summary: string;
  /** What it means for people, and what to look at first. */
  readonly description: string;
  readonly fires: AlertTest & { readonly as: readonly Fired[] };
  readonly quiet: AlertTest;
}

/** Alerts about one program. */
export interface AlertGroup {
  readonly name: string;
  readonly alerts: readonly Alert[];
}

/** Where people read what to do. */
export function runbookOf({ name }: Pick<Alert, 'name'>): string {
  return `docs/troubleshooting.md#${name.toLowerCase()}`;
}
