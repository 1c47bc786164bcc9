import type { LaunchStep } from './types.js';
import { LaunchAttempt } from './launchRecord.js';
import type { LaunchRecord, StepListener } from './launchRecord.js';

export interface LaunchJournalOptions {
  /** Attempts kept; the oldest go first. @default 500 */
  readonly maxRecords?: number;
  /** Output lines kept per attempt. @default 1000 */
  readonly maxLines?: number;
  /** Milliseconds, monotonic. @default performance.now */
  readonly now?: () => number;
  readonly onStep?: StepListener;
}

/** Transactions that are followed to their block; the oldest go first when nobody ever commits them. */
const maxBoundTransactions = 1000;

/** Every launch attempt of this process with its timeline and its last output. Bounded in every direction. */
export class LaunchJournal {
  readonly #maxRecords: number;
  readonly #maxLines: number;
  readonly #now: () => number;
  readonly #onStep: StepListener | undefined;
  #nextId = 1;
  /** In the order of their begin. */
  readonly #attempts: LaunchAttempt[] = [];
  readonly #byTransaction = new Map<string, LaunchAttempt>();

  constructor(options: LaunchJournalOptions = {}) {
    this.#maxRecords = options.maxRecords ?? 500;
    this.#maxLines = options.maxLines ?? 1000;
    this.#now = options.now ?? ((): number => performance.now());
    this.#onStep = options.onStep;
  }

  /** A new attempt. Its steps are told to what is returned. */
  begin(info: { readonly name: string; readonly version: string }): LaunchAttempt {
    const attempt = new LaunchAttempt({
      id: this.#nextId++,
      chaincode: info.name,
      version: info.version,
      now: this.#now,
      startedAt: new Date(),
      maxLines: this.#maxLines,
      ...(this.#onStep && { onStep: this.#onStep }),
    });
    this.#attempts.push(attempt);
    if (this.#attempts.length > this.#maxRecords) this.#attempts.shift();
    return attempt;
  }

  /** All attempts, oldest first. */
  list(): LaunchRecord[] {
    return this.#attempts.map((attempt) => attempt.record());
  }

  /** The newest attempt of `‹name›:‹version›`, or of any version when only a name is given. */
  get(name: string): LaunchRecord | undefined {
    return this.attempt(name)?.record();
  }

  /** Its last output lines, oldest first; undefined when there is no such launch. */
  lines(name: string): string[] | undefined {
    return this.attempt(name)?.lines();
  }

  /** Calls back for each further line of the newest attempt until the signal aborts. False = no such launch. */
  follow(name: string, onLine: (line: string) => void, signal: AbortSignal): boolean {
    const attempt = this.attempt(name);
    if (!attempt) return false;
    if (signal.aborted) return true;
    signal.addEventListener('abort', attempt.follow(onLine), { once: true });
    return true;
  }

  attempt(name: string): LaunchAttempt | undefined {
    return this.#attempts.findLast(({ cname, chaincode }) => cname === name || chaincode === name);
  }

  /** One step of the newest attempt of a chaincode that no LaunchProgress is at hand for. */
  step(name: string, step: LaunchStep): void {
    this.attempt(name)?.step(step);
  }

  /** Follows this transaction for the newest launch of the chaincode: its steps go to that launch. */
  bindTransaction(cname: string, txId: string): void {
    const attempt = this.attempt(cname);
    if (!attempt) return;
    this.#byTransaction.set(txId, attempt);
    if (this.#byTransaction.size > maxBoundTransactions) {
      const oldest = this.#byTransaction.keys().next();
      if (!oldest.done) this.#byTransaction.delete(oldest.value);
    }
  }

  /** A step of the launch that this transaction was bound to; other transactions are none of the journal's business. */
  stepOfTransaction(txId: string, step: LaunchStep): void {
    const attempt = this.#byTransaction.get(txId);
    if (!attempt) return;
    attempt.step(step);
    if (step === 'committed') this.#byTransaction.delete(txId);
  }
}
