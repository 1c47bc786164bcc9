/** Told about the queue for workqueue_* metrics. */
export interface QueueObserver {
  added(depth: number): void;
  /** @param waitedSeconds from the adding to the start of the work */
  started(depth: number, waitedSeconds: number): void;
  finished(workSeconds: number): void;
  retried(): void;
}

export interface WorkQueueOptions {
  readonly workers: number;
  /** Works on one key. Throwing means: again, later. */
  readonly work: (key: string) => Promise<void>;
  /** A key's work has failed and will be tried again after so many milliseconds. */
  readonly onError: (key: string, error: unknown, againInMs: number) => void;
  readonly observer?: QueueObserver;
  /** @default 5 ms */
  readonly firstDelayMs?: number;
  /** @default 60 s */
  readonly longestDelayMs?: number;
}

interface Waiting {
  readonly timer: NodeJS.Timeout;
  readonly at: number;
}

/**
 * Keys to be worked on: each at most once in the queue, never by two workers at once, again later when its work failed
 * (doubling delays, as client-go's rate limiter), and at a given time when asked for.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** In the order of their adding, with the time of it. */
  readonly #queued = new Map<string, number>();
  readonly #active = new Set<string>();
  /** Added while they were worked on: they come again right afterwards. */
  readonly #again = new Set<string>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #failures = new Map<string, number>();
  #stopped = false;
  #idle: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  get depth(): number {
    return this.#queued.size;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#unwait(key);
    if (this.#active.has(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#queued.has(key)) return;
    this.#queued.set(key, performance.now());
    this.#options.observer?.added(this.#queued.size);
    this.#next();
  }

  /** Not before the time is over; an earlier time for the same key wins. */
  addAfter(key: string, delayMs: number): void {
    if (this.#stopped) return;
    const at = performance.now() + delayMs;
    const waiting = this.#waiting.get(key);
    if (waiting && waiting.at <= at) return;
    this.#unwait(key);
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.add(key);
    }, delayMs);
    this.#waiting.set(key, { timer, at });
  }

  /** Takes nothing more, and resolves when what is being worked on is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const key of [...this.#waiting.keys()]) this.#unwait(key);
    this.#queued.clear();
    this.#again.clear();
    if (this.#active.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
  }

  #next(): void {
    while (this.#active.size < this.#options.workers) {
      const next = this.#queued.entries().next();
      if (next.done) return;
      const [key, addedAt] = next.value;
      this.#queued.delete(key);
      this.#active.add(key);
      this.#options.observer?.started(this.#queued.size, (performance.now() - addedAt) / 1000);
      void this.#work(key);
    }
  }

  async #work(key: string): Promise<void> {
    const begin = performance.now();
    try {
      await this.#options.work(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#retry(key, error);
    }
    this.#options.observer?.finished((performance.now() - begin) / 1000);
    this.#active.delete(key);
    if (this.#again.delete(key)) this.add(key);
    this.#next();
    if (this.#active.size === 0) this.#idle?.();
  }

  #retry(key: string, error: unknown): void {
    const { firstDelayMs = 5, longestDelayMs = 60_000, onError, observer } = this.#options;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const asked = (error as { retryAfterMs?: number } | undefined)?.retryAfterMs ?? 0;
    const delay = Math.max(asked, Math.min(firstDelayMs * 2 ** failures, longestDelayMs));
    observer?.retried();
    onError(key, error, delay);
    this.addAfter(key, delay);
  }

  #unwait(key: string): void {
    const waiting = this.#waiting.get(key);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(key);
  }
}
