// The hash keys of the index `by_due`. Each is a partition of its own, which takes 1,000 writes per second on DynamoDB.

import type { Table } from "./table.ts";

/** Number of shards of a table that says nothing else. */
export const DUE_SHARDS = 4;

/** The hash keys of aggregates with nothing parked; the sweep reads each, and those of {@link PARKED_SHARDS}. */
export const dueShards = ({ dueShards: count = DUE_SHARDS }: Pick<Table, "dueShards">): readonly string[] =>
  Array.from({ length: count }, (_, shard) => String(shard));

/**
 * Hash keys of aggregates with something parked. Their other work is due there as in any shard; without other work their range
 * key is {@link NEVER}. See docs/decisions/008-parked-events.md.
 */
export const PARKED_SHARDS: readonly string[] = Array.from(
  { length: DUE_SHARDS },
  (_, shard) => `parked#${shard}`,
);

/** Sorts after every real time. */
export const NEVER = "9999-12-31T23:59:59.999Z";

/** The hash key of an aggregate in `table`: always the same, and evenly distributed. */
export function dueShardOf(
  id: string,
  parked: boolean,
  { dueShards: count = DUE_SHARDS }: Pick<Table, "dueShards">,
): string {
  let sum = 0;
  for (let i = 0; i < id.length; i += 1) sum = (sum * 31 + id.charCodeAt(i)) >>> 0;
  return parked ? (PARKED_SHARDS[sum % PARKED_SHARDS.length] ?? "") : String(sum % count);
}
