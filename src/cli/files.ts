import { readFile, writeFile } from 'node:fs/promises';
import { LauncherError, messageOf } from '../errors.js';
import { pathOf, type CliIo } from './io.js';

const goTexts: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
};

/** A file error in Go's words: `open ‹path›: no such file or directory`, with the path as it was typed. */
export function fileError(operation: string, path: string, error: unknown): LauncherError {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const step = code === 'EISDIR' && operation === 'open' ? 'read' : operation;
  return new LauncherError(`${step} ${path}: ${goTexts[code] ?? messageOf(error)}`, { cause: error });
}

export async function readInput(io: CliIo, path: string): Promise<Buffer> {
  try {
    return await readFile(pathOf(io, path));
  } catch (error) {
    throw fileError('open', path, error);
  }
}

/** @param mode permissions of a new file */
export async function writeOutput(io: CliIo, path: string, bytes: Uint8Array, mode: number): Promise<void> {
  try {
    await writeFile(pathOf(io, path), bytes, { mode });
  } catch (error) {
    throw fileError('open', path, error);
  }
}
