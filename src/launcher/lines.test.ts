import { Readable } from 'node:stream';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { followLines, LastLines } from './lines.js';

async function linesOf(...chunks: (string | Buffer)[]): Promise<string[]> {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  const lines: string[] = [];
  followLines(stream, (line) => lines.push(line));
  await once(stream, 'end');
  return lines;
}

describe('the lines of an output', () => {
  it('do not depend on the chunks that they come in', async () => {
    expect(await linesOf('on', 'e\ntw', 'o\r\n', 'three')).toEqual(['one', 'two', 'three']);
  });

  it('keep letters that are cut in the middle', async () => {
    const text = Buffer.from('é\n');
    expect(await linesOf(text.subarray(0, 1), text.subarray(1))).toEqual(['é']);
  });

  it('come in pieces when they are very long', async () => {
    const lines = await linesOf('x'.repeat(20_000));
    expect(lines.map(({ length }) => length)).toEqual([8192, 8192, 3616]);
  });

  it('have no colours', async () => {
    expect(await linesOf('\u001b[31m[ERROR]\u001b[0m failed\n')).toEqual(['[ERROR] failed']);
  });
});

describe('the last lines', () => {
  it('are as many as wanted, oldest first', () => {
    const last = new LastLines(2);
    for (const line of ['a', 'b', 'c']) last.push(line);
    expect(last.toArray()).toEqual(['b', 'c']);
  });
});
