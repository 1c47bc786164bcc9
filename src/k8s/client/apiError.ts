import { LauncherError } from '../../errors.js';

/** metav1.Status as an error answer carries it. */
interface StatusBody {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: {
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { reason?: string }[];
  };
}

/** The API server has answered, and not with success. */
export class ApiError extends LauncherError {
  override readonly name = 'ApiError';
  readonly code: number;
  /** NotFound, AlreadyExists, Conflict, Forbidden, Invalid, Expired … */
  readonly reason: string;
  /** The server wants to be left alone for so long. */
  readonly retryAfterMs: number | undefined;

  constructor(request: string, code: number, body: string, retryAfter?: string) {
    const status = parse(body);
    super(status.message ?? `${request}: ${code} ${body.slice(0, 200).trim()}`);
    this.code = code;
    this.reason = status.reason ?? '';
    const seconds =
      status.details?.retryAfterSeconds ?? (retryAfter === undefined ? NaN : Number(retryAfter));
    this.retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  }
}

/** The API server could not be reached, or broke off. */
export class ConnectionError extends LauncherError {
  override readonly name = 'ConnectionError';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 404;
}

/** Somebody has changed or made the object meanwhile. */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.code === 409;
}

/** The resource version of a list or watch is too old. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 410 || error.reason === 'Expired');
}

function parse(body: string): StatusBody {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // Not every proxy on the way answers in JSON; the text is shown as it is.
    return {};
  }
}
