// The state of the outboxes for `/health/`: how late deliveries are, and how many are parked. Reads only a few keys.

import { iso } from "../core/iso.ts";
import { dueShards, PARKED_SHARDS } from "../storage/due-shards.ts";
import { BY_DUE, type Table } from "../storage/table.ts";

export interface OutboxStanding {
  /** Seconds for which the longest overdue aggregate without parked events has been due; 0 when none is overdue. */
  readonly lag_s: number;
  /** Number of aggregates with something parked; counted up to {@link PARKED_CAP}. */
  readonly parked: number;
}

/** Limit of the count of parked aggregates. */
export const PARKED_CAP = 100;

/** The state of the outboxes of all aggregates in `tables` at `now` (epoch milliseconds). */
export async function outboxStanding(tables: readonly Table[], now: number): Promise<OutboxStanding> {
  const counts = tables.flatMap((table) => PARKED_SHARDS.map((shard) => parkedIn(table, shard)));
  // Aggregates with parked events are swept like the others, so the others show how late sweeps are.
  const lags = tables.flatMap((table) => dueShards(table).map((shard) => lagOf(table, shard, now)));
  const [parked, waits] = await Promise.all([Promise.all(counts), Promise.all(lags)]);
  return {
    lag_s: Math.round(Math.max(0, ...waits) / 1_000),
    parked: Math.min(
      parked.reduce((sum, count) => sum + count, 0),
      PARKED_CAP,
    ),
  };
}

async function parkedIn(table: Table, shard: string): Promise<number> {
  return (await table.queryIds({ index: BY_DUE, hash: shard, limit: PARKED_CAP })).items.length;
}

/** Milliseconds for which the first aggregate of a shard has been due. */
async function lagOf(table: Table, shard: string, now: number): Promise<number> {
  const bound = { "<": iso(now) };
  const { items } = await table.queryIds({ index: BY_DUE, hash: shard, bound, limit: 1 });
  const [id] = items;
  const item = id === undefined ? undefined : await table.get(id);
  const due = Date.parse(item?.index[BY_DUE.range]?.split("#")[0] ?? "");
  // It may have been completed or postponed since the index was read.
  return due < now ? now - due : 0;
}
