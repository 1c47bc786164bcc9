/** A signal that follows another one after a while. */
export interface LaterSignal {
  readonly signal: AbortSignal;
  /** Forgets the other signal: nothing follows it any more. */
  release(): void;
}

/** Follows `signal` after `ms`, with its reason. */
export function abortedLater(signal: AbortSignal, ms: number): LaterSignal {
  const later = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const follow = (): void => {
    timer = setTimeout(() => later.abort(signal.reason), ms);
  };
  signal.addEventListener('abort', follow, { once: true });
  return {
    signal: later.signal,
    release: () => {
      signal.removeEventListener('abort', follow);
      clearTimeout(timer);
    },
  };
}
