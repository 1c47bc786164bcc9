import { PassThrough, type Duplex } from 'node:stream';
import { LauncherError, messageOf } from '../../errors.js';
import { followLines, LastLines } from '../lines.js';
import type { Engine } from './engine.js';
import { FrameSplitter } from './frames.js';

/** How many lines a failed launch can show. */
const keptLines = 50;
/** Fabric's patience with an engine that is asked for a container's output. */
const attachTimeoutMs = 10_000;

/** Follows what a container prints, line by line, until it ends or nobody wants it any more. */
export class ContainerOutput {
  /** Resolves when nothing more comes. Never rejects. */
  readonly ended: Promise<void>;
  readonly #stream: Duplex;
  readonly #tail = new LastLines(keptLines);

  private constructor(stream: Duplex, onLine: (line: string) => void) {
    this.#stream = stream;
    const take = (line: string): void => {
      this.#tail.push(line);
      onLine(line);
    };
    const outlets = { stdout: new PassThrough(), stderr: new PassThrough() };
    for (const outlet of Object.values(outlets)) followLines(outlet, take);
    const frames = new FrameSplitter((name, payload) => outlets[name].write(payload));
    stream.on('data', (chunk: Buffer) => frames.push(chunk));
    this.ended = new Promise((resolve) => {
      stream.once('error', (error) => take(`(the output can not be read on: ${messageOf(error)})`));
      stream.once('close', () => {
        for (const outlet of Object.values(outlets)) outlet.end();
        // The outlets tell their last, unfinished lines first.
        setImmediate(resolve);
      });
      stream.once('end', () => stream.destroy());
    });
  }

  /** Attaches to a container that need not run yet. */
  static async attach(
    engine: Engine,
    container: string,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<ContainerOutput> {
    const patience = new AbortController();
    const timer = setTimeout(
      () => patience.abort(new LauncherError('Timeout while attaching to the container')),
      attachTimeoutMs,
    );
    try {
      const stream = await engine.attach(container, AbortSignal.any([signal, patience.signal]));
      return new ContainerOutput(stream, onLine);
    } finally {
      // Later it would cut what is being followed.
      clearTimeout(timer);
    }
  }

  /** The last lines, oldest first. */
  lastLines(): string[] {
    return this.#tail.toArray();
  }

  /** Stops following; the container is not touched. */
  close(): void {
    this.#stream.destroy();
  }
}
