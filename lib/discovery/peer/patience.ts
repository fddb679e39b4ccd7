// How long one attempt may take: longer while there is nobody else to ask.

export interface Patience {
  /** Milliseconds until the reply must be complete. */
  readonly timeout: number;
  /** Asked when that is over: milliseconds to wait on, 0 when it is enough. */
  readonly moreTime?: (() => number) | undefined;
}

/** Calls `over` with the milliseconds that were waited, once patience is at its end. Gives what calls that off. */
export function whenPatienceEnds(
  { timeout, moreTime }: Patience,
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
