import type { Writable } from 'node:stream';

/** What a reader is told next. */
export interface News {
  readonly event: string;
  readonly data: unknown;
}

/** @param after number of the last change that the reader knows; undefined = it knows nothing. Undefined when there is no news. */
export type NewsSince = (after: number | undefined) => News | undefined;

export interface StreamsOptions {
  /** Number of the last change, and how a reader may come back to it. */
  readonly changes: { readonly last: number; idOf(number: number): string };
  /** Sent with every beat, so that a reader knows that we live. */
  readonly beat: () => unknown;
  readonly most: number;
  readonly beatMs: number;
  /** A reader that takes nothing for so long is dropped. */
  readonly stallMs: number;
  /** Changes of so long a time go out together. */
  readonly gatherMs: number;
}

interface Reader {
  readonly response: Writable;
  readonly newsSince: NewsSince;
  after: number | undefined;
  /** Since when what was written waits to be taken. */
  stalledSince: number | undefined;
}

/**
 * The open Server-Sent Events streams. A reader that is slow is sent nothing more until it has taken what it was sent, and
 * then all that has changed meanwhile at once: so no reader costs more memory than one message.
 */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #readers = new Set<Reader>();
  readonly #beats: NodeJS.Timeout;
  #gathering: NodeJS.Timeout | undefined;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#beats = setInterval(() => this.#beat(), options.beatMs);
  }

  get size(): number {
    return this.#readers.size;
  }

  get full(): boolean {
    return this.#readers.size >= this.#options.most;
  }

  /** Takes a response over whose head is written. */
  add(response: Writable, newsSince: NewsSince, after: number | undefined): void {
    const reader: Reader = { response, newsSince, after, stalledSince: undefined };
    this.#readers.add(reader);
    response.on('drain', () => {
      reader.stalledSince = undefined;
      this.#tell(reader);
    });
    response.on('close', () => this.#readers.delete(reader));
    response.on('error', () => response.destroy());
    this.#write(reader, { event: 'beat', data: this.#options.beat() });
    this.#tell(reader);
  }

  /** Something has changed. */
  changed(): void {
    if (this.#readers.size === 0) return;
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      for (const reader of this.#readers) this.#tell(reader);
    }, this.#options.gatherMs);
  }

  close(): void {
    clearInterval(this.#beats);
    clearTimeout(this.#gathering);
    for (const { response } of this.#readers) response.destroy();
  }

  #beat(): void {
    const data = this.#options.beat();
    for (const reader of this.#readers) {
      const { stalledSince, response } = reader;
      if (stalledSince === undefined) this.#write(reader, { event: 'beat', data });
      else if (performance.now() - stalledSince > this.#options.stallMs) response.destroy();
    }
  }

  #tell(reader: Reader): void {
    if (reader.stalledSince !== undefined) return;
    const { last } = this.#options.changes;
    if (reader.after === last) return;
    const news = reader.newsSince(reader.after);
    reader.after = last;
    if (news) this.#write(reader, news);
  }

  #write(reader: Reader, { event, data }: News): void {
    const { changes } = this.#options;
    // Only news has an id: a reader that comes back after a beat alone has seen nothing yet.
    const id = event === 'beat' ? '' : `id: ${changes.idOf(reader.after ?? 0)}\n`;
    // JSON has no line breaks of its own, so one data line is enough.
    const taken = reader.response.write(`event: ${event}\n${id}data: ${JSON.stringify(data)}\n\n`);
    if (!taken) reader.stalledSince ??= performance.now();
  }
}
