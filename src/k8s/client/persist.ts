import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, ConnectionError } from './apiError.js';

const firstMs = 100;
const longestMs = 2_000;

/**
 * Does it again while the API server cannot be reached or is not well, until it answers or the signal aborts. Answers that
 * another try does not change come through at once. @throws what the last try threw
 */
export async function persist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pause = firstMs; ; pause = Math.min(pause * 2, longestMs)) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error)) throw error;
      const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      await sleep(Math.max(pause, asked), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  return error instanceof ApiError && (error.code >= 500 || error.code === 429);
}
