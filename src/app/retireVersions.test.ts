import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../test/support/silentLogger.js';
import type { CommitEvent } from '../peer/types.js';
import { retireVersions, type RetireParts, type VersionRetirement } from './retireVersions.js';

const upgrade = (name: string): CommitEvent =>
  ({
    channelId: 'c',
    blockNumber: 1,
    chaincodes: [{ kind: 'upgrade', name, version: '2.0' }],
  }) as unknown as CommitEvent;

let stopped: [string, readonly string[], number][];
beforeEach(() => {
  vi.useFakeTimers();
  stopped = [];
});
afterEach(() => void vi.useRealTimers());

function make(policy: RetireParts['policy']): VersionRetirement {
  return retireVersions({
    channels: { list: () => [] },
    chaincodes: { stopUnused: async (...call) => void stopped.push(call) },
    policy,
    logger: silentLogger(),
  });
}

describe('the retirement of replaced versions', () => {
  it('waits for the grace, and tells how many stay', async () => {
    const retirement = make({ keep: 2, graceMs: 5000 });
    retirement.blockCommitted?.(upgrade('kv'));
    await vi.advanceTimersByTimeAsync(4999);
    expect(stopped).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(stopped).toEqual([['kv', [], 2]]);
  });

  it('takes no notice of blocks without an upgrade', async () => {
    const retirement = make({ keep: 0, graceMs: 0 });
    retirement.blockCommitted?.({ ...upgrade('kv'), chaincodes: [] });
    await vi.advanceTimersByTimeAsync(10);
    expect(stopped).toEqual([]);
  });

  it('ends with the peer: nothing is stopped afterwards', async () => {
    const retirement = make({ keep: 0, graceMs: 5000 });
    retirement.blockCommitted?.(upgrade('kv'));
    retirement.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stopped).toEqual([]);
  });
});
