// A signal for a time limit that is taken away when the work is done.

export interface TimeLimit {
  /** Aborts after the time limit, with a `TimeoutError`; or with the reason of the other signal, when that comes first. */
  readonly signal: AbortSignal;
  /** Takes the limit away. */
  clear(): void;
}

/**
 * A time limit of `ms` milliseconds from now. Unlike `AbortSignal.timeout`, it costs no wake-up and no error when the work ends in time,
 * as almost all does. Like it, it does not keep the process alive. Its signal is aborted as well when `other` is.
 */
export function timeLimit(ms: number, other?: AbortSignal): TimeLimit {
  const over = new AbortController();
  const expire = () =>
    over.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  const timer = setTimeout(expire, ms).unref();
  const follow = () => over.abort(other?.reason);
  if (other?.aborted === true) follow();
  other?.addEventListener("abort", follow);
  const clear = () => {
    clearTimeout(timer);
    other?.removeEventListener("abort", follow);
  };
  return { signal: over.signal, clear };
}
