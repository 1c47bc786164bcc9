import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { ChangeLog } from './changeLog.js';
import { Streams } from './streams.js';

/** A reader that takes what it is sent only when the test says so. */
class SlowReader extends Writable {
  readonly got: string[] = [];
  #taken: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 1 });
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.got.push(chunk.toString());
    this.#taken = done;
  }
  /** Takes all that was sent to it. */
  async take(): Promise<void> {
    while (this.#taken) {
      const done = this.#taken;
      this.#taken = undefined;
      done();
      await sleep(1);
    }
  }
  get news(): unknown[] {
    return this.got
      .filter((text) => text.startsWith('event: launches'))
      .map((text) => JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? '') as unknown);
  }
}

describe('streams', () => {
  const changes = new ChangeLog();
  let streams: Streams;
  const open = (more: { beatMs?: number; stallMs?: number } = {}): SlowReader => {
    streams = new Streams({
      changes,
      beat: () => ({}),
      most: 4,
      beatMs: 10_000,
      stallMs: 10_000,
      gatherMs: 5,
      ...more,
    });
    const reader = new SlowReader();
    streams.add(
      reader,
      (after) => ({ event: 'launches', data: after === undefined ? 'all' : changes.since(after) }),
      undefined,
    );
    return reader;
  };
  const change = (key: string): void => {
    changes.add(key);
    streams.changed();
  };

  afterEach(() => streams.close());

  it('send what comes within a moment together', async () => {
    const reader = open();
    await reader.take();
    for (const key of ['a', 'b', 'a']) change(key);
    await sleep(30);
    await reader.take();
    expect(reader.news).toEqual(['all', ['b', 'a']]);
  });

  it('send nothing more to a reader that has not taken what it was sent, and then all at once', async () => {
    const reader = open();
    for (const key of ['a', 'b', 'c']) {
      change(key);
      await sleep(20);
    }
    expect(reader.got).toHaveLength(1);
    expect(reader.writableLength).toBeLessThan(200);
    await reader.take();
    await reader.take();
    expect(reader.news).toEqual(['all']);
    change('d');
    await sleep(20);
    for (const key of ['e', 'f', 'e']) {
      change(key);
      await sleep(20);
    }
    await reader.take();
    expect(reader.news).toEqual(['all', ['d'], ['f', 'e']]);
  });

  it('drop a reader that takes nothing', async () => {
    const reader = open({ beatMs: 10, stallMs: 40 });
    await sleep(20);
    expect([reader.destroyed, streams.size]).toEqual([false, 1]);
    await sleep(80);
    expect([reader.destroyed, streams.size]).toEqual([true, 0]);
  });
});
