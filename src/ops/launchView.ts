/** One launch attempt as an operator sees it; the launcher's journal keeps these. */
export interface LaunchSummary {
  readonly id?: number;
  readonly chaincode: string;
  readonly version: string;
  readonly phase: string;
  readonly startedAt: Date;
  /** Milliseconds from the begin of the launch to each step. */
  readonly steps: Readonly<Record<string, number | undefined>>;
  readonly exit?: { readonly code: number; readonly signal?: string };
  readonly failure?: string;
}

/** What the operations endpoint shows of the launches; `name` is `‹name›:‹version›` or only the name. */
export interface LaunchView {
  list(): readonly LaunchSummary[];
  get(name: string): LaunchSummary | undefined;
  /** Undefined when there is no such launch. */
  lines(name: string): readonly string[] | undefined;
  /** Calls back for each further line until the signal aborts; false when there is no such launch. */
  follow(name: string, onLine: (line: string) => void, signal: AbortSignal): boolean;
}
