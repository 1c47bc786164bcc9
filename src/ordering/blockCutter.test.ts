import { describe, expect, it } from 'vitest';
import { BlockCutter } from './blockCutter.js';

const limits = { maxMessageCount: 3, preferredMaxBytes: 100 };

/** Adds messages of these sizes and gives the sizes in each batch. */
function cut(...sizes: number[]): { batches: number[][]; pending: boolean } {
  const cutter = new BlockCutter();
  const batches = sizes.flatMap((size) => cutter.add(new Uint8Array(size), size, limits));
  return { batches: batches.map((batch) => batch.map(({ length }) => length)), pending: cutter.hasPending };
}

describe('the block cutter', () => {
  it('cuts when the count is reached', () => {
    expect(cut(1, 2, 3, 4)).toEqual({ batches: [[1, 2, 3]], pending: true });
  });

  it('cuts before a message that would lead over the preferred size', () => {
    expect(cut(60, 50)).toEqual({ batches: [[60]], pending: true });
  });

  it('gives a message that is larger than the preferred size a batch of its own', () => {
    expect(cut(10, 150, 20)).toEqual({ batches: [[10], [150]], pending: true });
  });

  it('fills a batch to the very preferred size', () => {
    expect(cut(50, 50)).toEqual({ batches: [], pending: true });
  });

  it('begins anew after a cut by hand', () => {
    const cutter = new BlockCutter();
    cutter.add(new Uint8Array(90), 90, limits);
    expect(cutter.cut()).toHaveLength(1);
    expect(cutter.hasPending).toBe(false);
    expect(cutter.add(new Uint8Array(90), 90, limits)).toEqual([]);
  });
});
