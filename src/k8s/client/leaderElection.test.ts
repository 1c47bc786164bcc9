import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../test/support/silentLogger.js';
import { ApiError } from './apiError.js';
import { checkLeaseTimes, LeaderElection, LostLease, type Lease } from './leaderElection.js';
import type { Resource } from './resource.js';

/** Leases with the API server's rule of conflicts, and outages. */
class FakeLeases {
  lease: Lease | undefined;
  #version = 0;
  broken = false;

  async get(): Promise<Lease> {
    this.#check();
    if (!this.lease) throw new ApiError('GET', 404, '{"reason":"NotFound"}');
    return structuredClone(this.lease);
  }

  async create(lease: Lease): Promise<Lease> {
    this.#check();
    if (this.lease) throw new ApiError('POST', 409, '{"reason":"AlreadyExists"}');
    return this.#put(lease);
  }

  async replace(lease: Lease): Promise<Lease> {
    this.#check();
    if (lease.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) {
      throw new ApiError('PUT', 409, '{"reason":"Conflict"}');
    }
    return this.#put(lease);
  }

  #check(): void {
    if (this.broken) throw new ApiError('x', 500, '{"message":"etcdserver: request timed out"}');
  }

  #put(lease: Lease): Lease {
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String((this.#version += 1)) } };
    return this.lease;
  }
}

const times = { durationMs: 300, renewDeadlineMs: 200, retryMs: 20 };
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function candidate(leases: FakeLeases, identity: string): LeaderElection {
  return new LeaderElection({
    leases: leases as unknown as Resource<Lease>,
    namespace: 'n',
    name: 'l',
    identity,
    times,
    logger: silentLogger(),
  });
}

describe('leader election', () => {
  it('has one leader of two', async () => {
    const leases = new FakeLeases();
    const stop = new AbortController();
    const [a, b] = [candidate(leases, 'a'), candidate(leases, 'b')];
    await Promise.race([a.acquire(stop.signal), b.acquire(stop.signal).catch(() => undefined)]);
    expect([a.leads, b.leads].filter(Boolean)).toHaveLength(1);
    stop.abort();
  });

  it('lets the next one lead at once when the lease is released', async () => {
    const leases = new FakeLeases();
    const [a, b] = [candidate(leases, 'a'), candidate(leases, 'b')];
    await a.acquire(new AbortController().signal);
    const begin = performance.now();
    const second = b.acquire(new AbortController().signal);
    await a.release();
    await second;
    expect(performance.now() - begin).toBeLessThan(times.durationMs);
    expect(leases.lease?.spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  it('waits a whole lease for one that is not renewed, whatever its clock says', async () => {
    const leases = new FakeLeases();
    await candidate(leases, 'a').acquire(new AbortController().signal);
    leases.lease = {
      ...leases.lease!,
      spec: { ...leases.lease!.spec, renewTime: '1999-01-01T00:00:00.000000Z', leaseDurationSeconds: 0.3 },
    };
    const begin = performance.now();
    await candidate(leases, 'b').acquire(new AbortController().signal);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(300);
  });

  it('survives an outage that is shorter than the deadline, and ends at a longer one', async () => {
    const leases = new FakeLeases();
    const leader = candidate(leases, 'a');
    await leader.acquire(new AbortController().signal);
    const held = leader.hold(new AbortController().signal);
    leases.broken = true;
    await pause(100);
    leases.broken = false;
    await pause(60);
    expect(leader.leads).toBe(true);
    leases.broken = true;
    await expect(held).rejects.toThrow(LostLease);
    expect(leader.leads).toBe(false);
  });

  it('ends when somebody else holds the lease', async () => {
    const leases = new FakeLeases();
    const leader = candidate(leases, 'a');
    await leader.acquire(new AbortController().signal);
    const held = leader.hold(new AbortController().signal);
    const metadata = { ...leases.lease!.metadata, resourceVersion: '99' };
    leases.lease = { metadata, spec: { holderIdentity: 'b', leaseDurationSeconds: 15 } };
    await expect(held).rejects.toThrow('another operator holds the lease');
  });

  it('refuses times with which two could lead', () => {
    expect(() => checkLeaseTimes({ durationMs: 10_000, renewDeadlineMs: 10_000, retryMs: 1 })).toThrow(
      'the renew deadline (10s) must be less than the lease duration (10s)',
    );
    expect(() => checkLeaseTimes({ durationMs: 10_000, renewDeadlineMs: 5_000, retryMs: 5_000 })).toThrow(
      'the retry period (5s) must be less than the renew deadline (5s)',
    );
  });
});
