// Durations in buckets: each a quarter longer than the one before, from 0.1 ms to 2 minutes.

/** Where something happened: a service, or an edge between two. */
export interface Place {
  readonly from: string;
  readonly to: string;
  readonly kind: string;
}

export const BUCKETS = 64;
const FACTOR = 1.25;
const FIRST_MS = 0.1;
const LOG_FACTOR = Math.log(FACTOR);

export const bucketOf = (milliseconds: number): number =>
  milliseconds <= FIRST_MS
    ? 0
    : Math.min(BUCKETS - 1, Math.ceil(Math.log(milliseconds / FIRST_MS) / LOG_FACTOR));

/** The upper end of the bucket in which it is, so at most a quarter too high; null where there is nothing. */
export function percentile(durations: Uint32Array, count: number, share: number): number | null {
  if (count === 0) return null;
  let left = Math.ceil(count * share);
  const bucket = durations.findIndex((of) => {
    left -= of;
    return left <= 0;
  });
  return Math.round(FIRST_MS * FACTOR ** Math.max(0, bucket) * 100) / 100;
}
