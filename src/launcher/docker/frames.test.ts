import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { FrameSplitter } from './frames.js';

function frame(stream: 1 | 2, payload: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([header, Buffer.from(payload)]);
}

function split(chunks: readonly Buffer[]): { stdout: string; stderr: string } {
  const seen = { stdout: '', stderr: '' };
  const splitter = new FrameSplitter((stream, payload) => (seen[stream] += payload.toString('latin1')));
  for (const chunk of chunks) splitter.push(chunk);
  return seen;
}

describe('the output of a container', () => {
  it('is told apart by its frames, however they are cut', () => {
    const frames = fc.array(
      fc.record({
        stream: fc.constantFrom(1 as const, 2 as const),
        text: fc.string({ unit: 'binary-ascii' }),
      }),
    );
    fc.assert(
      fc.property(frames, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (list, sizes) => {
        const bytes = Buffer.concat(list.map(({ stream, text }) => frame(stream, text)));
        const chunks = [];
        for (let at = 0; at < bytes.length;) {
          const size = sizes.next().value as number;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        const of = (wanted: 1 | 2): string =>
          list.map(({ stream, text }) => (stream === wanted ? text : '')).join('');
        expect(split(chunks)).toEqual({ stdout: of(1), stderr: of(2) });
      }),
    );
  });

  it('may have empty frames, and end in the middle of one', () => {
    expect(split([frame(1, ''), frame(2, 'ab').subarray(0, 9)])).toEqual({ stdout: '', stderr: 'a' });
  });
});
