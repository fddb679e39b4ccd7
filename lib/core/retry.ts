// When failed work is tried again, and when it is given up: the same kind of plan for deliveries, mail, refunds, provider
// queries and calls. Pure functions: the caller passes times and randomness.
// Source of the jitter: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

/** A retry plan. All durations in milliseconds. */
export interface Retry {
  /** Upper bound of the pause after the first failure. */
  readonly first: number;
  /** Upper bound of every pause. */
  readonly longest: number;
  /** Factor from one pause to the next; 2 when left out. */
  readonly growth?: number;
  /** The share of each pause that is random, 0 to 1, so that many clients do not retry at the same time. 0 when left out. */
  readonly jitter?: number;
  /** Number of tries after which the work is given up; unlimited when left out. */
  readonly maxTries?: number;
  /** Age from which failed work is given up; unlimited when left out. */
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
