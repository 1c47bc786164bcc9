import { afterEach, describe, expect, it } from 'vitest';
import { WorkQueue, type WorkQueueOptions } from './workQueue.js';

let queue: WorkQueue;
afterEach(() => queue.stop());

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function make(work: WorkQueueOptions['work'], more: Partial<WorkQueueOptions> = {}): WorkQueue {
  queue = new WorkQueue({ workers: 4, work, onError: () => undefined, ...more });
  return queue;
}

describe('the work queue', () => {
  it('works on a key once however often it was added while it waited', async () => {
    const done: string[] = [];
    make(async (key) => void done.push(key), { workers: 1 });
    for (let i = 0; i < 5; i += 1) for (const key of ['a', 'b']) queue.add(key);
    await pause(20);
    // a was taken at once, so it came a second time.
    expect(done).toEqual(['a', 'b', 'a']);
  });

  it('never gives a key to two workers, and comes back to one that was added meanwhile', async () => {
    let active = 0;
    let most = 0;
    let times = 0;
    make(async () => {
      most = Math.max(most, (active += 1));
      times += 1;
      await pause(10);
      active -= 1;
    });
    queue.add('a');
    await pause(2);
    queue.add('a');
    queue.add('a');
    await pause(50);
    expect([most, times]).toEqual([1, 2]);
  });

  it('works on so many keys at the same time as it has workers', async () => {
    let active = 0;
    let most = 0;
    make(
      async () => {
        most = Math.max(most, (active += 1));
        await pause(5);
        active -= 1;
      },
      { workers: 3 },
    );
    for (let i = 0; i < 20; i += 1) queue.add(String(i));
    await pause(100);
    expect(most).toBe(3);
  });

  it('tries again with doubling pauses what has failed, and starts anew after a success', async () => {
    const delays: number[] = [];
    let fails = 3;
    make(
      async () => {
        if (fails-- > 0) throw new Error('no');
      },
      { onError: (_key, _error, again) => delays.push(again), firstDelayMs: 5 },
    );
    queue.add('a');
    await pause(100);
    expect(delays).toEqual([5, 10, 20]);
    fails = 1;
    queue.add('a');
    await pause(30);
    expect(delays).toEqual([5, 10, 20, 5]);
  });

  it('waits as long as the API server asks', async () => {
    const delays: number[] = [];
    make(
      async () => {
        throw Object.assign(new Error('slow down'), { retryAfterMs: 1234 });
      },
      { onError: (_key, _error, again) => delays.push(again) },
    );
    queue.add('a');
    await pause(10);
    expect(delays).toEqual([1234]);
  });

  it('takes the earlier of two times for a key', async () => {
    const done: number[] = [];
    const begin = performance.now();
    make(async () => void done.push(performance.now() - begin));
    queue.addAfter('a', 5000);
    queue.addAfter('a', 20);
    queue.addAfter('a', 4000);
    await pause(60);
    expect(done).toHaveLength(1);
  });

  it('stops after the work in hand, and takes nothing more', async () => {
    const done: string[] = [];
    make(async (key) => {
      await pause(20);
      done.push(key);
    });
    queue.add('a');
    queue.addAfter('b', 5000);
    await pause(1);
    await queue.stop();
    queue.add('c');
    await pause(30);
    expect(done).toEqual(['a']);
  });
});
