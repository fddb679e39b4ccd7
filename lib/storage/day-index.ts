// Aggregates by the day they began, for reports over a window of time. See docs/decisions/ on reconciliation.

import { crc32 } from "node:zlib";
import type { IndexName, IndexQuery, Page } from "./table.ts";

/** Of keys alone. Both never change, so a later write of the aggregate costs nothing here on DynamoDB. */
export const BY_DAY: IndexName = { name: "by_day", hash: "day_shard", range: "created" };

/** A day's aggregates are spread over as many hash keys, so that no one partition takes all writes. */
export const DAY_SHARDS = 16;

/** The index attributes of an aggregate that began at `at` (RFC 3339, UTC). */
export const dayKeys = (
  id: string,
  at: string,
): { readonly day_shard: string; readonly created: string } => ({
  day_shard: hashKey(at.slice(0, 10), crc32(id) % DAY_SHARDS),
  created: `${at}#${id}`,
});

/** Epoch milliseconds; `until` is not part of it. */
export interface TimeWindow {
  readonly since: number;
  readonly until: number;
}

const PAGE = 100;
const DAY_MS = 86_400_000;

/**
 * Ids of all aggregates that began in `window`, through `list` (of a store). Costs a query for each day and shard, and
 * one for each further page; never more because the table is large.
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
        // Bounds are inclusive: the next page begins just after the last key.
        from = page.next === undefined ? undefined : `${page.next}\u0000`;
      }
    }
  }
}

const hashKey = (day: string, shard: number): string => `${day}#${String(shard).padStart(2, "0")}`;

const iso = (time: number): string => new Date(time).toISOString();
