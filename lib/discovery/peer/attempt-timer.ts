// The time limit of one attempt; it is extended while there is no other instance.

export interface AttemptTime {
  /** Milliseconds within which the reply must be complete. */
  readonly timeout: number;
  /** Called when that time is over: further milliseconds to wait, 0 to end the attempt. */
  readonly moreTime?: (() => number) | undefined;
}

/** Calls `over` with the milliseconds waited, once the time limit and its extensions have passed. Returns a function that cancels the timer. */
export function startAttemptTimer(
  { timeout, moreTime }: AttemptTime,
  over: (waitedMs: number) => void,
): () => void {
  let waited = timeout;
  let cancelled = false;
  let timer = setTimeout(end, timeout);
  function end(): void {
    const more = moreTime?.() ?? 0;
    // The reply may have arrived while `moreTime` was called.
    if (cancelled) return;
    if (more <= 0) {
      over(waited);
      return;
    }
    waited += more;
    timer = setTimeout(end, more);
  }
  return () => {
    cancelled = true;
    clearTimeout(timer);
  };
}
