// Reads the index of what is due, `by_due`, where it lies in LevelDB: which entry of a table is due first.

import { BY_DUE } from "../../lib/storage/table.ts";
import { indexesPrefix, indexPrefix } from "./keyspace.ts";
import type { Level, Write } from "./level.ts";

const GLOBAL = indexesPrefix("global", "").slice(0, -1);
const INDEX = `~${BY_DUE.name}~`;

/** An entry of the index: its table, and when it is due in epoch milliseconds. */
export interface DueEntry {
  readonly table: string;
  readonly dueAt: number;
}

/** The entry of `by_due` that `write` adds; undefined for any other write. */
export function dueEntryOf(write: Write): DueEntry | undefined {
  if (write.type !== "put" || !write.key.startsWith(GLOBAL)) return undefined;
  const end = write.key.indexOf("~", GLOBAL.length);
  if (!write.key.startsWith(INDEX, end)) return undefined;
  const place = placeOf(write.key.slice(end + INDEX.length));
  if (place?.dueAt === undefined) return undefined;
  return { table: write.key.slice(GLOBAL.length, end), dueAt: place.dueAt };
}

/**
 * When the first entry of `table` is due, in epoch milliseconds, overdue ones included; undefined when nothing is. Reads one row
 * for each hash key: entries of one are sorted by time.
 */
export async function firstDue(level: Pick<Level, "iterator">, table: string): Promise<number | undefined> {
  const prefix = indexPrefix("global", table, BY_DUE.name);
  let first: number | undefined;
  for (let from = ""; ; ) {
    const rows = level.iterator({ gte: prefix + from, lt: `${prefix}\u{10ffff}`, limit: 1 });
    const [row] = await rows.nextv(1).finally(() => rows.close());
    const place = row && placeOf(row[0].slice(prefix.length));
    if (place === undefined) return first;
    first = earliest(first, place.dueAt);
    // "0" follows "/": after all entries of this hash key.
    from = `${place.hash}0`;
  }
}

const earliest = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);

/**
 * A key within the index is `<spread>/<hash key in hex>/<range key in hex>/…`, and a range key `<RFC 3339 time>#<id>`; in a table of
 * somebody else's it may be no time.
 */
function placeOf(key: string): { readonly hash: string; readonly dueAt: number | undefined } | undefined {
  const [spread, hash, range] = key.split("/", 3);
  if (spread === undefined || hash === undefined || range === undefined) return undefined;
  const [time = ""] = Buffer.from(range, "hex").toString("utf8").split("#", 1);
  const dueAt = Date.parse(time);
  return { hash: `${spread}/${hash}`, dueAt: Number.isNaN(dueAt) ? undefined : dueAt };
}
