import { chaincodeName } from './types.js';
import type { ExitStatus, LaunchProgress, LaunchStep } from './types.js';

/** How far a launch is. Running = registered; Stopped = ended after it had registered. */
export type LaunchPhase =
  'Pending' | 'Building' | 'Starting' | 'Registering' | 'Running' | 'Failed' | 'Stopped';

/** One launch attempt as an operator sees it. */
export interface LaunchRecord {
  /** Counts up over all attempts of this process. */
  readonly id: number;
  readonly chaincode: string;
  readonly version: string;
  readonly phase: LaunchPhase;
  readonly startedAt: Date;
  /** Milliseconds from the begin to the first time each step was reached. */
  readonly steps: Readonly<Partial<Record<LaunchStep, number>>>;
  readonly exit?: { readonly code: number; readonly signal?: string };
  /** The whole text of the failure. */
  readonly failure?: string;
}

/** The phase that a step leads to; steps of the first transaction change no phase. */
const phaseAfter: Readonly<Partial<Record<LaunchStep, LaunchPhase>>> = {
  packageKept: 'Building',
  built: 'Starting',
  started: 'Registering',
  registered: 'Running',
};

/** Called at each step with the step before it (undefined = the begin) and the milliseconds between the two. */
export type StepListener = (step: LaunchStep, tookMs: number, success: boolean) => void;

export interface LaunchAttemptOptions {
  readonly id: number;
  readonly chaincode: string;
  readonly version: string;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly startedAt: Date;
  readonly maxLines: number;
  readonly onStep?: StepListener;
}

const launchSteps = ['packageKept', 'built', 'started', 'registered'] as const;

/** Output kept per attempt, so that five hundred attempts stay within bounds whatever they print. */
const maxChars = 128 * 1024;
const maxLineChars = 8 * 1024;

/** A launch attempt under way: takes steps, output lines and the end, and shows itself as a LaunchRecord. */
export class LaunchAttempt implements LaunchProgress {
  readonly chaincode: string;
  readonly cname: string;
  readonly #options: LaunchAttemptOptions;
  readonly #begin: number;
  #lastStepAt: number;
  #phase: LaunchPhase = 'Pending';
  readonly #steps: Partial<Record<LaunchStep, number>> = {};
  #exit: { code: number; signal?: string } | undefined;
  #failure: string | undefined;
  #lines: string[] = [];
  #chars = 0;
  readonly #followers = new Set<(line: string) => void>();

  constructor(options: LaunchAttemptOptions) {
    this.#options = options;
    this.chaincode = options.chaincode;
    this.cname = chaincodeName({ name: options.chaincode, version: options.version });
    this.#begin = options.now();
    this.#lastStepAt = this.#begin;
  }

  /** The first time counts; a step told twice changes nothing. */
  step(step: LaunchStep): void {
    if (this.#steps[step] !== undefined) return;
    const now = this.#options.now();
    this.#steps[step] = now - this.#begin;
    const phase = phaseAfter[step];
    if (!phase || this.#ended) return;
    this.#phase = phase;
    this.#options.onStep?.(step, now - this.#lastStepAt, true);
    this.#lastStepAt = now;
  }

  output(line: string): void {
    const kept = line.length > maxLineChars ? `${line.slice(0, maxLineChars)}…` : line;
    this.#lines.push(kept);
    this.#chars += kept.length;
    // Cut in bulk, so that a talkative chaincode does not shift a thousand entries per line.
    if (this.#lines.length >= 2 * this.#options.maxLines || this.#chars >= 2 * maxChars) this.#trim();
    for (const follower of this.#followers) follower(kept);
  }

  /** The launch did not succeed, with the text that its callers get. */
  fail(failure: string): void {
    if (this.#ended) return;
    this.#options.onStep?.(this.#stepUnderWay(), this.#options.now() - this.#lastStepAt, false);
    this.#phase = 'Failed';
    this.#failure = failure;
  }

  /** The chaincode ended: after it had registered this is the end of a good launch. */
  exited(exit: ExitStatus): void {
    this.#exit = { code: exit.exitCode, ...(exit.signal !== undefined && { signal: exit.signal }) };
    if (this.#phase === 'Running') this.#phase = 'Stopped';
  }

  /** The last lines of output, oldest first. */
  lines(count = this.#options.maxLines): string[] {
    return this.#lines.slice(-Math.min(count, this.#options.maxLines));
  }

  /** Calls back for each further line until the returned function is called. */
  follow(onLine: (line: string) => void): () => void {
    this.#followers.add(onLine);
    return () => this.#followers.delete(onLine);
  }

  record(): LaunchRecord {
    return {
      id: this.#options.id,
      chaincode: this.#options.chaincode,
      version: this.#options.version,
      phase: this.#phase,
      startedAt: this.#options.startedAt,
      steps: { ...this.#steps },
      ...(this.#exit && { exit: this.#exit }),
      ...(this.#failure !== undefined && { failure: this.#failure }),
    };
  }

  /** Milliseconds since the begin, and the step that has not been reached yet; for the failure's text. */
  underWay(): { readonly step: LaunchStep; readonly sinceBeginMs: number } {
    return { step: this.#stepUnderWay(), sinceBeginMs: this.#options.now() - this.#begin };
  }

  /** Keeps the last lines within both limits. */
  #trim(): void {
    this.#lines = this.lines();
    this.#chars = this.#lines.reduce((sum, line) => sum + line.length, 0);
    const drop = this.#lines.findIndex((line) => {
      const fits = this.#chars <= maxChars;
      if (!fits) this.#chars -= line.length;
      return fits;
    });
    this.#lines = drop < 0 ? [] : this.#lines.slice(drop);
  }

  get #ended(): boolean {
    return this.#phase === 'Failed' || this.#phase === 'Stopped';
  }

  #stepUnderWay(): LaunchStep {
    const reached = launchSteps.findLastIndex((step) => this.#steps[step] !== undefined);
    return launchSteps[reached + 1] ?? 'registered';
  }
}
