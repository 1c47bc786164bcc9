import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { EngineProgressError, readEvents } from './progressEvents.js';

async function read(...chunks: (string | Buffer)[]): Promise<string[]> {
  const lines: string[] = [];
  await readEvents(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), (line) => lines.push(line));
  return lines;
}

describe('the progress of a build', () => {
  it('is told line by line, however it is cut', async () => {
    const text = Buffer.from(
      '{"stream":"Step 1/4 : FROM x"}\r\n{"stream":"\\n"}\r\n{"stream":"zwölf\\nb\\n"}\n{"aux":{"ID":"1"}}',
    );
    const cut = Array.from(text, (byte) => Buffer.from([byte]));
    expect(await read(...cut)).toEqual(['Step 1/4 : FROM x', 'zwölf', 'b']);
  });

  it('that has an error fails with it in one line, after all that was told', async () => {
    const reading = read('{"error":"no space\\n left on device","errorDetail":{}}\n{"stream":"x"}\n');
    await expect(reading).rejects.toThrow(EngineProgressError);
    await expect(read('{"error":"no space\\n left on device"}\n')).rejects.toThrow(
      /^no space left on device$/,
    );
  });

  it('that is no JSON fails with what it is', async () => {
    await expect(read('<html>')).rejects.toThrow("the engine's progress is no JSON: <html>");
  });
});
