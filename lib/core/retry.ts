// When work that failed is tried again, and when it is given up: one plan for deliveries, mail, refunds, questions to providers
// and calls. Pure: the caller brings clock and chance.
// Source of the jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

/** A plan of tries. All durations in milliseconds. */
export interface Retry {
  /** Upper bound of the pause after the first failure. */
  readonly first: number;
  /** Upper bound of every pause. */
  readonly longest: number;
  /** What each pause is multiplied by to get the next; 2 when left out. */
  readonly growth?: number;
  /** The share of each pause that is drawn at random, 0 to 1: many clients then do not return at once. None when left out. */
  readonly jitter?: number;
  /** After so many tries the work is given up; never by their number when left out. */
  readonly maxTries?: number;
  /** Work that is older than this when it fails is given up; never for its age when left out. */
  readonly maxAge?: number;
}

/** The pause in milliseconds after the `failures`-th failure in a row (from 1); `random` is uniform in [0, 1). */
export function pauseAfter(failures: number, plan: Retry, random: () => number = Math.random): number {
  const { first, longest, growth = 2, jitter = 0 } = plan;
  const bound = Math.min(longest, first * growth ** (failures - 1));
  return jitter === 0 ? bound : bound * (1 - jitter * (1 - random()));
}

/** Whether work that failed `tries` times and is `age` milliseconds old is given up. */
export const exhausted = (tries: number, age: number, { maxTries, maxAge }: Retry): boolean =>
  (maxTries !== undefined && tries >= maxTries) || (maxAge !== undefined && age > maxAge);
