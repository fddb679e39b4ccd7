// What a write of an item changes in the indexes of its table.

import type { Item } from "../item.ts";
import { entryKey } from "../keyspace.ts";
import type { Write } from "../level.ts";
import { indexKey } from "./keys.ts";
import type { PlainIndex, PlainTable } from "./plain-table.ts";

/** The writes of index entries that belong to replacing `stored`, if there is one, by `item`; both have the key `key`. */
export function entryWrites(table: PlainTable, key: string, stored: Item | undefined, item: Item): Write[] {
  const removed: Write[] = [];
  const put: Write[] = [];
  for (const index of table.indexes) {
    const before = stored && entryOf(index, key, stored);
    const after = entryOf(index, key, item);
    if (before !== undefined && before !== after) removed.push({ type: "del", key: before });
    if (after !== undefined)
      put.push({ type: "put", key: after, value: entryValue(index, table, key, item) });
  }
  return [...removed, ...put];
}

/** The key of the entry that `item` has in `index`; undefined for an item without an attribute of its key. */
function entryOf({ prefix, hash, range }: PlainIndex, key: string, item: Item): string | undefined {
  const [hashKey, rangeKey] = [item[hash], item[range]];
  if (hashKey === undefined || rangeKey === undefined) return undefined;
  return prefix + entryKey(indexKey(textIn(hashKey), textIn(rangeKey), key), key);
}

/** The key of the item, or a copy of all keys; see `isCopy`. */
function entryValue({ whole, hash, range }: PlainIndex, table: PlainTable, key: string, item: Item): string {
  if (whole) return key;
  return JSON.stringify({ [hash]: item[hash], [range]: item[range], [table.key]: item[table.key] });
}

function textIn(attribute: Item[string]): string {
  const text = attribute["S"];
  if (typeof text !== "string") throw new TypeError("An attribute of an index is not a text");
  return text;
}
