import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LauncherError } from '../../errors.js';

/** A program that a platform needs is not on this machine. */
export class MissingProgramError extends LauncherError {
  override readonly name = 'MissingProgramError';
}

/** Finds a program in PATH; undefined when it is not there. */
export async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && (await isThere(path, constants.X_OK))) return path;
  }
  return undefined;
}

/** Finds a program in PATH or says what it is needed for. */
export async function needProgram(name: string, searchPath: string, purpose: string): Promise<string> {
  const found = await findProgram(name, searchPath);
  if (found !== undefined) return found;
  throw new MissingProgramError(`${purpose} needs "${name}", which is not in PATH`);
}

/** Does this path exist (and, with a mode, may it be used so)? */
export async function isThere(path: string, mode: number = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
