// How long to wait before calling what failed again: exponential, with jitter so that many clients don't return at once.
// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

export interface BackoffOptions {
  /** Upper bound of the first pause, in milliseconds. */
  readonly first: number;
  /** Upper bound of every pause. */
  readonly longest: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The pause in milliseconds after the `failures`-th failure in a row (from 1): between half the bound and the bound. */
export function backoff(failures: number, { first, longest, random }: BackoffOptions): number {
  const bound = Math.min(longest, first * 2 ** Math.min(failures - 1, 30));
  return bound / 2 + (bound / 2) * random();
}
