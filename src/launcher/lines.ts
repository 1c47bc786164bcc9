import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

const maxLineLength = 8192;

/** Calls back for every line of a stream; a line longer than 8 kB comes in pieces, so that no output fills the memory. */
export function followLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const feed = (text: string): void => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) emit(line);
    while (rest.length > maxLineLength) {
      onLine(rest.slice(0, maxLineLength));
      rest = rest.slice(maxLineLength);
    }
  };
  const emit = (coloured: string): void => {
    // Colours and cursor moves would reach logs, errors and terminals of others.
    const line = stripVTControlCharacters(coloured);
    for (let at = 0; at === 0 || at < line.length; at += maxLineLength) {
      onLine(line.slice(at, at + maxLineLength));
    }
  };
  stream.on('data', (chunk: Buffer) => feed(decoder.write(chunk)));
  stream.once('end', () => {
    rest += decoder.end();
    if (rest !== '') emit(rest);
    rest = '';
  });
}

/** The last lines of an output, oldest first. */
export class LastLines {
  readonly #lines: string[] = [];
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  push(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > this.#max) this.#lines.shift();
  }

  toArray(): string[] {
    return [...this.#lines];
  }
}
