// dynalite's keys in LevelDB, for texts: a short hash, which spreads items as DynamoDB's partitions do, then the values in hex,
// which sort as their bytes in UTF-8.

import { hash } from "node:crypto";

const SPREAD = 6;

const hex = (text: string): string => Buffer.from(text, "utf8").toString("hex");

const MOST_KEPT = 2_000;
const LONGEST_KEPT = 100;
/** Parts made lately: the same items, users and statuses come again and again. */
const kept = new Map<string, string>();

/** A hash key: the whole key of an item, or what all entries of an index with this hash key begin with. */
export function hashPart(text: string): string {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const part = `${hash("md5", `Outliers${text}`, "hex").slice(0, SPREAD)}/${hex(text)}/`;
  if (text.length > LONGEST_KEPT) return part;
  if (kept.size === MOST_KEPT) kept.clear();
  kept.set(text, part);
  return part;
}

/** A range key, which follows the hash key. */
export const rangePart = (text: string): string => `${hex(text)}/`;

/** The key of an index entry within its index; `item` is the key of its item. */
export const indexKey = (hashKey: string, rangeKey: string, item: string): string =>
  hashPart(hashKey) + rangePart(rangeKey) + item.slice(0, SPREAD);
