import { LauncherError } from '../errors.js';

/** The command line is wrong: the usage follows the message. */
export class UsageError extends LauncherError {
  override readonly name = 'UsageError';
}

/** The program could not start (configuration, MSP): a log line instead of `Error: …` (contract 14). */
export class StartError extends LauncherError {
  override readonly name = 'StartError';
}

/** Runs a check of parameters: whatever it refuses is printed with the usage. */
export async function asUsageErrors<T>(check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof LauncherError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
