// What a write of an item changes in the indexes of its table.

import type { Item } from "../item.ts";
import { entryKey } from "../keyspace.ts";
import type { Write } from "../level.ts";
import { indexKey } from "./keys.ts";
import type { PlainIndex, PlainTable } from "./plain-table.ts";

interface Place {
  readonly hash: string;
  readonly range: string;
}

/**
 * The writes of index entries that belong to replacing `stored`, if there is one, by `item`; both have the key `key`. An entry
 * depends on nothing but the item's key and its place, and every stored item is in all its places: in the same place it stays as
 * it is.
 */
export function entryWrites(table: PlainTable, key: string, stored: Item | undefined, item: Item): Write[] {
  const removed: Write[] = [];
  const put: Write[] = [];
  for (const index of table.indexes) {
    const before = stored && placeOf(index, stored);
    const after = placeOf(index, item);
    if (before?.hash === after?.hash && before?.range === after?.range) continue;
    if (before !== undefined) removed.push({ type: "del", key: entryAt(before, index, key) });
    if (after !== undefined)
      put.push({ type: "put", key: entryAt(after, index, key), value: entryValue(index, table, key, item) });
  }
  return [...removed, ...put];
}

/** The write of the entry that `item`, with the key `key`, has in `index`; undefined when it has no place there. */
export function entryOf(index: PlainIndex, table: PlainTable, key: string, item: Item): Write | undefined {
  const place = placeOf(index, item);
  return (
    place && { type: "put", key: entryAt(place, index, key), value: entryValue(index, table, key, item) }
  );
}

/** Where `item` is in `index`; undefined for an item without an attribute of its keys. */
function placeOf({ hash, range }: PlainIndex, item: Item): Place | undefined {
  const [hashKey, rangeKey] = [item[hash], item[range]];
  return hashKey && rangeKey && { hash: textIn(hashKey), range: textIn(rangeKey) };
}

const entryAt = ({ hash, range }: Place, { prefix }: PlainIndex, key: string): string =>
  prefix + entryKey(indexKey(hash, range, key), key);

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
