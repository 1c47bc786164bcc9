import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LauncherError, messageOf, wrap } from '../errors.js';
import { readTarGz, type ArchiveEntry, type ArchiveLimits } from './tarGz.js';

/** A code package holds an entry that must not reach the disk. */
export class UnsafeEntryError extends LauncherError {
  override readonly name = 'UnsafeEntryError';
}

/**
 * Unpacks a code package (gzipped tar) below an existing, empty directory. Only files and directories are written, modes
 * and owners are not taken over. The caller removes the directory when this rejects.
 * @throws UnsafeEntryError, ArchiveError or the file system's error, behind `failed to unpack code package: `
 */
export async function unpackCodePackage(
  codePackage: Uint8Array,
  directory: string,
  limits?: ArchiveLimits,
  signal?: AbortSignal,
): Promise<void> {
  const made = new Set<string>();
  const makeDirectory = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    await mkdir(path, { recursive: true });
    made.add(path);
  };
  try {
    for await (const entry of readTarGz(codePackage, limits)) {
      signal?.throwIfAborted();
      const target = join(directory, ...safeSegments(entry));
      if (entry.header.type === 'directory') {
        await makeDirectory(target);
      } else {
        await makeDirectory(dirname(target));
        // `wx`: a second entry of the same name is an error instead of a replacement.
        await pipeline(entry.content, createWriteStream(target, { flags: 'wx', mode: 0o644 }));
      }
    }
  } catch (error) {
    throw wrap('failed to unpack code package', explain(error));
  }
}

function safeSegments({ header }: ArchiveEntry): string[] {
  const name = header.name;
  const refuse = (why: string): never => {
    throw new UnsafeEntryError(`entry ${JSON.stringify(name)} ${why}`);
  };
  const { type } = header;
  if (type !== 'file' && type !== 'directory') {
    refuse(`is of type ${type}, only files and directories are allowed`);
  }
  if (name.includes('\0')) refuse('has a NUL in its name');
  if (name.startsWith('/')) refuse('has an absolute name');
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) refuse('leads out of the package');
  if (segments.length === 0 && type === 'file') refuse('has no name');
  return segments;
}

function explain(error: unknown): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
    return new UnsafeEntryError(`an entry is there twice: ${messageOf(error)}`, { cause: error });
  }
  return error;
}
