import { messageOf } from '../errors.js';

/** Rejects, with the reason, when its component is not well. */
export type HealthCheck = (signal: AbortSignal) => Promise<void>;

export interface FailedCheck {
  readonly component: string;
  readonly reason: string;
}

/** The components whose health `/healthz` reports (contract 16). */
export class HealthRegistry {
  readonly #checks = new Map<string, HealthCheck>();

  /** Adds a component; a second one of that name takes the first one's place. */
  register(component: string, check: HealthCheck): void {
    this.#checks.set(component, check);
  }

  deregister(component: string): void {
    this.#checks.delete(component);
  }

  /** Runs all checks side by side. Rejects with the signal's reason when it aborts before they end. */
  async run(signal: AbortSignal): Promise<FailedCheck[]> {
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener(
        'abort',
        () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')),
        { once: true },
      );
    });
    const checks = [...this.#checks].map(async ([component, check]) => {
      try {
        await check(signal);
        return undefined;
      } catch (error) {
        return { component, reason: messageOf(error) };
      }
    });
    const results = await Promise.race([Promise.all(checks), aborted]);
    return results.filter((failed) => failed !== undefined);
  }
}
