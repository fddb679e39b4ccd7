// The time limit of one attempt; it is extended while there is no other instance.

export interface AttemptTime {
  /** Milliseconds until the reply must be complete. */
  readonly timeout: number;
  /** Asked when that is over: milliseconds to wait on, 0 when it is enough. */
  readonly moreTime?: (() => number) | undefined;
}

/** Calls `over` with the milliseconds that were waited, once the time limit and its extensions are used up. Returns a function that cancels the timer. */
export function startAttemptTimer(
  { timeout, moreTime }: AttemptTime,
  over: (waitedMs: number) => void,
): () => void {
  let waited = timeout;
  let timer = setTimeout(end, timeout);
  function end(): void {
    const more = moreTime?.() ?? 0;
    if (more <= 0) {
      over(waited);
      return;
    }
    waited += more;
    timer = setTimeout(end, more);
  }
  return () => clearTimeout(timer);
}
