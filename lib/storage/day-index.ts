// An index of aggregates by the day of their creation, for reports over a period. See docs/decisions/010-reconciliation.md.

import { crc32 } from "node:zlib";
import { iso } from "../core/iso.ts";
import type { IndexName, IndexQuery, Page } from "./table.ts";

/** An index of keys only. Both attributes never change, so later writes of the aggregate cost nothing here on DynamoDB. */
export const BY_DAY: IndexName = { name: "by_day", hash: "day_shard", range: "created" };

/** Number of hash keys per day, so that writes are spread over several partitions. */
export const DAY_SHARDS = 16;

/** The index attributes of an aggregate created at `at` (RFC 3339, UTC). */
export const dayKeys = (
  id: string,
  at: string,
): { readonly day_shard: string; readonly created: string } => ({
  day_shard: hashKey(at.slice(0, 10), crc32(id) % DAY_SHARDS),
  created: `${at}#${id}`,
});

/** A period in epoch milliseconds; `until` is exclusive. */
export interface TimeWindow {
  readonly since: number;
  readonly until: number;
}

const PAGE = 100;
const DAY_MS = 86_400_000;

/**
 * Ids of all aggregates created in `window`, read by `list` (of a store). Takes one query for each day and shard, and one for
 * each further page, independent of the table's size.
 */
export async function* idsOfWindow(
  list: (query: IndexQuery) => Promise<Page<string>>,
  { since, until }: TimeWindow,
): AsyncGenerator<string> {
  if (since >= until) return;
  const last = iso(until);
  for (let day = Math.floor(since / DAY_MS) * DAY_MS; day < until; day += DAY_MS) {
    for (let shard = 0; shard < DAY_SHARDS; shard += 1) {
      let from: string | undefined = iso(since);
      while (from !== undefined) {
        const query: IndexQuery = {
          index: BY_DAY,
          hash: hashKey(iso(day).slice(0, 10), shard),
          bound: { between: [from, last] },
          limit: PAGE,
        };
        const page: Page<string> = await list(query);
        yield* page.items;
        // Bounds are inclusive, so the next page begins directly after the last key.
        from = page.next === undefined ? undefined : `${page.next}\u0000`;
      }
    }
  }
}

const hashKey = (day: string, shard: number): string => `${day}#${String(shard).padStart(2, "0")}`;
