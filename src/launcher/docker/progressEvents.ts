import type { Readable } from 'node:stream';
import { LauncherError } from '../../errors.js';

/** A build or pull of the engine failed; the text is the engine's. */
export class EngineProgressError extends LauncherError {
  override readonly name = 'EngineProgressError';
}

interface ProgressEvent {
  readonly stream?: unknown;
  readonly error?: unknown;
}

/**
 * Reads what `/build` and `/images/create` tell, one JSON object a line: these requests answer 200 before the work begins, so
 * a failure is only told here.
 * @throws EngineProgressError
 */
export async function readEvents(stream: Readable, onLine: (line: string) => void): Promise<void> {
  let failure: string | undefined;
  const take = (text: string): void => {
    if (text.trim() === '') return;
    const event = parseEvent(text);
    if (typeof event.stream === 'string') {
      for (const line of event.stream.split('\n')) if (line.trim() !== '') onLine(line);
    }
    if (typeof event.error === 'string') failure ??= event.error;
  };
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  }
  take(rest);
  if (failure !== undefined) throw new EngineProgressError(failure.trim().replaceAll(/\s*\n\s*/g, ' '));
}

function parseEvent(text: string): ProgressEvent {
  try {
    const event: unknown = JSON.parse(text);
    return typeof event === 'object' && event !== null ? event : {};
  } catch (error) {
    throw new LauncherError(`the engine's progress is no JSON: ${text.slice(0, 200)}`, { cause: error });
  }
}
