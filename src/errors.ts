/**
 * The base of every error that this program raises on purpose. `message` is the whole text a user reads
 * (Fabric's wording where Fabric has one); `cause` keeps what was behind it for the log.
 */
export class LauncherError extends Error {
  override readonly name: string = 'LauncherError';
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Puts a prefix before an error as Go's `errors.WithMessage` does: `prefix: cause`. */
export function wrap(prefix: string, cause: unknown): LauncherError {
  return new LauncherError(`${prefix}: ${messageOf(cause)}`, { cause });
}

/** Makes the compiler prove that a switch handles every member of a union. */
export function assertNever(value: never): never {
  throw new LauncherError(`unexpected value: ${String(value)}`);
}
