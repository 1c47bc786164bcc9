/**
 * One launch that several callers may wait for (contract 1.3). It ends exactly once: the first notify wins,
 * later ones change nothing.
 */
export class LaunchState {
  readonly #done: Promise<void>;
  #resolve!: () => void;
  #notified = false;
  #error: Error | undefined;

  constructor() {
    this.#done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Resolves when the launch has ended, well or not. Never rejects. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Why it failed. Undefined while it runs and when it went well. */
  get error(): Error | undefined {
    return this.#error;
  }

  get notified(): boolean {
    return this.#notified;
  }

  /** Ends the launch; returns whether this call did. */
  notify(error?: Error): boolean {
    if (this.#notified) return false;
    this.#notified = true;
    this.#error = error;
    this.#resolve();
    return true;
  }
}
