// Work on large values that lets other work of this process in between.

import { setImmediate as othersTurn } from "node:timers/promises";

/** After values of this size together it is the turn of others: a millisecond or two of parsing. */
export const SIZE_AT_ONCE = 128 * 1024;

/** What `map` makes of each of `values`; `sizeOf` is how much work one is, such as its length in characters. */
export async function mapByTurns<A, B>(
  values: readonly A[],
  sizeOf: (value: A) => number,
  map: (value: A) => B,
): Promise<B[]> {
  const mapped: B[] = [];
  let done = 0;
  for (const value of values) {
    if (done >= SIZE_AT_ONCE) {
      done = 0;
      await othersTurn();
    }
    mapped.push(map(value));
    done += sizeOf(value);
  }
  return mapped;
}
