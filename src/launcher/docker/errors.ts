import { LauncherError, messageOf } from '../../errors.js';

/** The engine answered with an error; the text is that of Fabric's Docker client. */
export class EngineApiError extends LauncherError {
  override readonly name = 'EngineApiError';
  readonly status: number;
  /** What the engine said, without the status. */
  readonly reason: string;

  constructor(status: number, reason: string, options?: ErrorOptions) {
    super(`API error (${status}): ${reason}`, options);
    this.status = status;
    this.reason = reason;
  }
}

/** The engine could not be asked, or the connection broke before it had answered. */
export class EngineConnectionError extends LauncherError {
  override readonly name: string = 'EngineConnectionError';
}

/** The engine took the request and did not answer in time. */
export class EngineTimeoutError extends EngineConnectionError {
  override readonly name = 'EngineTimeoutError';
}

/** Codes of a connection that was there and broke. */
const broken = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

/** Turns what the client library throws into one of the errors above. */
export function engineError(error: unknown, endpoint: string): LauncherError {
  if (error instanceof LauncherError) return error;
  const status = numberOf(error, 'statusCode');
  if (status !== undefined) return new EngineApiError(status, reasonOf(error), { cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = broken.has(code)
    ? 'lost the connection to Docker endpoint'
    : 'cannot connect to Docker endpoint';
  return new EngineConnectionError(`${text} ${endpoint}: ${messageOf(error) || code}`, { cause: error });
}

/** Nothing of this name: nothing to stop, or nothing to run. */
export function isNotFound(error: unknown): boolean {
  return error instanceof EngineApiError && error.status === 404;
}

/** The image of a container that was to be created is not there. */
export function isNoSuchImage(error: unknown): boolean {
  return isNotFound(error) && /No such image/i.test(messageOf(error));
}

function numberOf(error: unknown, key: string): number | undefined {
  const value =
    typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[key] : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** One line: `{"message": …}` of the answer, which the library gives parsed or as the end of its own text. */
function reasonOf(error: unknown): string {
  const json = (error as { json?: unknown }).json;
  const message =
    typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string'
      ? json.message
      : messageOf(error).replace(/^\(HTTP code \d+\) [^-]* - /, '');
  return message.trim().replaceAll(/\s*\n\s*/g, ' ');
}
