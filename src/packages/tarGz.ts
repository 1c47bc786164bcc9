import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Extract, type Header } from 'tar-stream';
import { LauncherError, messageOf } from '../errors.js';

/** How much an archive may hold; beyond it reading stops with one error. */
export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Bytes after decompression, headers included. */
  readonly maxBytes: number;
  /** Bytes after decompression per compressed byte; counted only above `ratioFrom` bytes. */
  readonly maxRatio: number;
  readonly ratioFrom: number;
}

/** Enough for a chaincode with all its dependencies, far from what fills a disk. */
export const defaultArchiveLimits: ArchiveLimits = {
  maxEntries: 100_000,
  maxBytes: 1024 ** 3,
  maxRatio: 250,
  ratioFrom: 32 * 1024 * 1024,
};

/** An archive that is broken off, is none, or holds too much. */
export class ArchiveError extends LauncherError {
  override readonly name = 'ArchiveError';
}

/** Too many entries, too many bytes or too good a compression: an attack or a mistake, never a chaincode. */
export class ArchiveLimitError extends ArchiveError {}

/** One entry: its header as it stands in the archive, and its content, read once or not at all. */
export interface ArchiveEntry {
  readonly header: Header;
  readonly content: AsyncIterable<Uint8Array>;
}

/** The text that Go's gzip.NewReader has for bytes that do not begin as gzip; undefined when they do. */
export function gzipHeaderError(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'EOF';
  if (bytes.length < 10) return 'unexpected EOF';
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8 ? undefined : 'gzip: invalid header';
}

/** Go's words for what zlib and the tar reader complain about. */
function archiveError(error: unknown): ArchiveError {
  if (error instanceof ArchiveError) return error;
  const text = messageOf(error);
  if (/unexpected end|Unexpected end/.test(text)) return new ArchiveError('unexpected EOF', { cause: error });
  if (/header|checksum|Header/.test(text) && !/incorrect/.test(text)) {
    return new ArchiveError('archive/tar: invalid tar header', { cause: error });
  }
  return new ArchiveError(text, { cause: error });
}

type TarEntry = Extract extends AsyncIterable<infer E> ? E : never;

const noReason = (): undefined => undefined;

/** @param settled resolves when feeding is over, with what ended it if it failed: the entry itself does not know why */
async function* contentOf(entry: TarEntry, settled: Promise<unknown>): AsyncGenerator<Uint8Array> {
  try {
    yield* entry as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw archiveError((await settled) ?? error);
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  compressed: number,
  limits: ArchiveLimits,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of source) {
    total += chunk.length;
    if (total > limits.maxBytes) {
      throw new ArchiveLimitError(`code package holds more than ${limits.maxBytes} bytes`);
    }
    if (total > limits.ratioFrom && total > compressed * limits.maxRatio) {
      throw new ArchiveLimitError(`code package is compressed more than ${limits.maxRatio} times`);
    }
    yield chunk;
  }
}

/**
 * Reads a gzipped tar entry by entry without holding it in memory. The consumer may stop at any entry.
 * @throws ArchiveError with Go's text for broken data, ArchiveLimitError for bombs
 */
export async function* readTarGz(
  bytes: Uint8Array,
  limits: ArchiveLimits = defaultArchiveLimits,
): AsyncGenerator<ArchiveEntry> {
  const headerError = gzipHeaderError(bytes);
  if (headerError !== undefined) throw new ArchiveError(headerError);
  const entries = extract();
  let current: TarEntry | undefined;
  const stop = new AbortController();
  const fed = pipeline(
    Readable.from([bytes], { objectMode: false }),
    createGunzip(),
    (source: AsyncIterable<Uint8Array>) => counted(source, bytes.length, limits),
    entries,
    { signal: stop.signal },
  );
  // The reader below must end too, and with this reason.
  const settled = fed.then(noReason, (error: unknown) => {
    const reason = error instanceof Error ? error : new Error(messageOf(error));
    // An entry that is being read does not end by itself.
    current?.destroy(reason);
    entries.destroy(reason);
    return reason;
  });
  try {
    let count = 0;
    for await (const entry of entries) {
      count += 1;
      if (count > limits.maxEntries) {
        throw new ArchiveLimitError(`code package holds more than ${limits.maxEntries} entries`);
      }
      current = entry;
      yield { header: entry.header, content: contentOf(entry, settled) };
      entry.resume();
    }
    await fed;
  } catch (error) {
    throw archiveError(error);
  } finally {
    stop.abort();
    await settled;
  }
}
