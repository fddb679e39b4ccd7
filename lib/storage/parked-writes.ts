// Counts writes of aggregates with something parked, so that `/health/` shows at once what this process has parked.

let count = 0;

/** Number of writes by this process so far after which an aggregate has something parked. */
export const parkedWrites = (): number => count;

/** Counts one more. */
export function countParkedWrite(): void {
  count += 1;
}
