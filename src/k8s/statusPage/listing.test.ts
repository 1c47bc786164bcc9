import { describe, expect, it } from 'vitest';
import { aLaunch, at, failedStatus, readyStatus } from '../../../test/support/launches.js';
import { inOrder, listingOf, queryOf, tookMs, withText } from './browser/listing.js';
import { age, duration } from './browser/time.js';
import { rowOf } from './launchView.js';

const row = (name: string, phase: 'Ready' | 'Failed' | 'Starting' | 'Stopped', second: number) =>
  rowOf(
    aLaunch({
      name,
      spec: { chaincode: { name, version: '2', type: 'NODE' } },
      status: { ...readyStatus, phase, times: { begun: at(second) } },
    }),
  );
const rows = [row('a', 'Ready', 5), row('b', 'Stopped', 9), row('c', 'Failed', 1), row('d', 'Starting', 7)];
const names = (query: string): string[] => {
  const listing = listingOf(new URLSearchParams(query));
  return inOrder(withText(rows, listing.text), listing).map(({ name }) => name);
};

describe('the listing', () => {
  it('begins with what has failed and what is on its way, the newest first', () => {
    expect(names('')).toEqual(['c', 'd', 'a', 'b']);
    expect(
      inOrder([row('old', 'Failed', 1), row('new', 'Failed', 2)], listingOf(new URLSearchParams()))[0]?.name,
    ).toBe('new');
  });

  it('is ordered by age or name when asked to', () => {
    expect(names('sort=newest')).toEqual(['b', 'd', 'a', 'c']);
    expect(names('sort=name')).toEqual(['a', 'b', 'c', 'd']);
    expect(names('sort=nonsense')).toEqual(['c', 'd', 'a', 'b']);
  });

  it('is filtered by phases and by words that all must occur', () => {
    expect(names('phase=Ready,Failed')).toEqual(['c', 'a']);
    expect(names('q=FABRIC/D')).toEqual(['d']);
    expect(names('q=a:2 peer0')).toEqual(['a']);
    expect(names('q=a:2 peer9')).toEqual([]);
  });

  it('is written to the URL and read from it', () => {
    const written = queryOf({ text: 'kv & co', phases: new Set(['Failed', 'Ready']), sorting: 'newest' });
    expect(written).toBe('?q=kv+%26+co&phase=Failed%2CReady&sort=newest');
    expect(queryOf(listingOf(new URLSearchParams(written)))).toBe(written);
    expect(queryOf(listingOf(new URLSearchParams()))).toBe('');
  });
});

describe('times', () => {
  it('say how long a launch took, or has taken so far', () => {
    const now = Date.parse(at(30));
    expect(tookMs(rowOf(aLaunch({ status: readyStatus })), now)).toBe(1900);
    expect(tookMs(rowOf(aLaunch({ status: failedStatus })), now)).toBe(2000);
    expect(tookMs(row('d', 'Starting', 7), now)).toBe(23_000);
    expect(tookMs(rowOf(aLaunch()), now)).toBeUndefined();
  });

  it('are short', () => {
    expect([640, 4250, 59_999, 200_000, 3_600_000, 18_600_000, 273_600_000].map(duration)).toEqual([
      '640 ms',
      '4.2 s',
      '59.9 s',
      '3 min 20 s',
      '1 h',
      '5 h 10 min',
      '3 d 4 h',
    ]);
    expect([40_000, 300_000, 10_800_000, 172_800_000, -5].map(age)).toEqual(['40s', '5m', '3h', '2d', '0s']);
  });
});
