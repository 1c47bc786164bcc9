import { setTimeout as sleep } from 'node:timers/promises';
import { LauncherError, messageOf } from '../../errors.js';
import type { Logger } from '../../ops/log.js';
import { isConflict, isNotFound } from './apiError.js';
import type { KubeObject, OwnerReference } from './objects.js';
import type { Resource } from './resource.js';

/** coordination.k8s.io/v1 Lease. */
export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

export interface LeaseTimes {
  /** Others take over when the lease was not renewed for so long. @default 15 s */
  readonly durationMs: number;
  /** The leader stops when it could not renew for so long. Less than the duration. @default 10 s */
  readonly renewDeadlineMs: number;
  /** Pause between two tries. @default 2 s */
  readonly retryMs: number;
}

export const defaultLeaseTimes: LeaseTimes = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

export interface LeaderElectionOptions {
  readonly leases: Resource<Lease>;
  readonly namespace: string;
  readonly name: string;
  /** Unique per process. */
  readonly identity: string;
  readonly times?: LeaseTimes;
  /** With whose end the Lease goes. */
  readonly owner?: OwnerReference;
  readonly logger: Logger;
}

/** Refuses times with which two leaders could act at once. @throws LauncherError */
export function checkLeaseTimes({ durationMs, renewDeadlineMs, retryMs }: LeaseTimes): void {
  if (renewDeadlineMs >= durationMs) {
    throw new LauncherError(
      `the renew deadline (${renewDeadlineMs / 1000}s) must be less than the lease duration (${durationMs / 1000}s)`,
    );
  }
  if (retryMs >= renewDeadlineMs) {
    throw new LauncherError(
      `the retry period (${retryMs / 1000}s) must be less than the renew deadline (${renewDeadlineMs / 1000}s)`,
    );
  }
}

/**
 * One leader by a Lease, with client-go's rules: whose record it is counts from when *we* saw it change, so that clocks of
 * different machines do not matter.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #times: LeaseTimes;
  #observed: { readonly record: string; readonly at: number } | undefined;
  #leads = false;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#times = options.times ?? defaultLeaseTimes;
    checkLeaseTimes(this.#times);
  }

  get leads(): boolean {
    return this.#leads;
  }

  /** Resolves when this process is the leader; rejects when the signal is aborted before. */
  async acquire(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        if (await this.#tryOnce()) {
          this.#leads = true;
          return;
        }
      } catch (error) {
        this.#options.logger.warn({ err: error }, `the lease cannot be read or written: ${messageOf(error)}`);
      }
      await sleep(this.#times.retryMs * (1 + Math.random() * 0.2), undefined, { signal });
    }
  }

  /** Keeps the lease until the signal aborts (resolves) or it is lost (rejects): then nothing may be done any more. */
  async hold(signal: AbortSignal): Promise<void> {
    let renewed = performance.now();
    for (;;) {
      await sleep(this.#times.retryMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const left = this.#times.renewDeadlineMs - (performance.now() - renewed);
        if (!(await within(this.#tryOnce(), left))) {
          this.#leads = false;
          throw new LostLease('another operator holds the lease');
        }
        renewed = performance.now();
      } catch (error) {
        if (error instanceof LostLease) throw error;
        this.#options.logger.warn({ err: error }, `the lease could not be renewed: ${messageOf(error)}`);
        if (performance.now() - renewed >= this.#times.renewDeadlineMs) {
          this.#leads = false;
          throw new LostLease(
            `the lease could not be renewed for ${this.#times.renewDeadlineMs / 1000} s: ${messageOf(error)}`,
            { cause: error },
          );
        }
      }
    }
  }

  /** Gives the lease up, so that the next leader need not wait for it to run out. */
  async release(): Promise<void> {
    if (!this.#leads) return;
    this.#leads = false;
    const { leases, namespace, name, identity } = this.#options;
    const lease = await leases.get(namespace, name);
    if (lease.spec?.holderIdentity !== identity) return;
    await leases.replace({ ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 } });
  }

  /** True when the lease is ours now. */
  async #tryOnce(): Promise<boolean> {
    const { leases, namespace, name, identity, owner } = this.#options;
    const now = new Date().toISOString().replace(/Z$/, '000Z');
    const mine = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#times.durationMs / 1000),
      renewTime: now,
    };
    try {
      const lease = await leases.get(namespace, name);
      const spec = lease.spec ?? {};
      const held = spec.holderIdentity === identity;
      if (!held && !this.#isFree(spec)) return false;
      await leases.replace({
        ...lease,
        spec: {
          ...mine,
          acquireTime: held ? (spec.acquireTime ?? now) : now,
          leaseTransitions: (spec.leaseTransitions ?? 0) + (held ? 0 : 1),
        },
      });
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      if (!isNotFound(error)) throw error;
    }
    try {
      await leases.create({
        metadata: { name, namespace, ...(owner && { ownerReferences: [owner] }) },
        spec: { ...mine, acquireTime: now, leaseTransitions: 0 },
      });
      return true;
    } catch (error) {
      if (isConflict(error)) return false;
      throw error;
    }
  }

  #isFree(spec: NonNullable<Lease['spec']>): boolean {
    if (!spec.holderIdentity) return true;
    const record = JSON.stringify(spec);
    if (this.#observed?.record !== record) this.#observed = { record, at: performance.now() };
    const durationMs = (spec.leaseDurationSeconds ?? this.#times.durationMs / 1000) * 1000;
    return performance.now() - this.#observed.at > durationMs;
  }
}

/** This process is the leader no more. */
export class LostLease extends LauncherError {
  override readonly name = 'LostLease';
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new LauncherError('no answer in time')), Math.max(ms, 0));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
