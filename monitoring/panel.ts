/** Grafana's unit ids that the panels use. */
export type Unit = 's' | 'bytes' | 'percentunit' | 'none' | 'reqps' | 'ops' | 'cps';

/** One line, or one bar for each series, of a panel. */
export interface Query {
  readonly expr: string;
  /** Grafana's format: `{{label}}` stands for the label's value. */
  readonly legend: string;
}

/**
 * - lines: how something went over the time range
 * - areas: the same, stacked: parts of a whole
 * - numbers: what is now
 * - bars: one value for each series, over the whole time range
 */
export type PanelKind = 'lines' | 'areas' | 'numbers' | 'bars';

/** A panel answers one question. */
export interface Panel {
  readonly title: string;
  /** The question, and how to read the answer. */
  readonly description: string;
  readonly kind: PanelKind;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Of 24 columns. @default 8 */
  readonly width?: number;
  /** From here on the value is shown in red. */
  readonly badFrom?: number;
  /** Which program's metrics it shows: a network without an operator has nothing there. @default endorser */
  readonly of?: Source;
}

/** The program whose metrics are shown. */
export type Source = 'endorser' | 'operator';

/** A headline with the panels below it. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A variable that selects targets by the values of one label. */
export interface Variable {
  readonly name: 'namespace' | 'job' | 'instance';
  /** The series in which the label's values are found. */
  readonly from: string;
}

export interface Dashboard {
  /** Name of its file, and Grafana's lasting id. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

/** All panels in reading order. */
export function panelsOf(dashboard: Dashboard): Panel[] {
  return dashboard.rows.flatMap(({ panels }) => panels);
}
