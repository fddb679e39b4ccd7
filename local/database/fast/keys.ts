// dynalite's keys in LevelDB, for texts: a short hash, which spreads items as DynamoDB's partitions do, then the values in hex,
// which sort as their bytes in UTF-8.

import { hash } from "node:crypto";

const SPREAD = 6;

const hex = (text: string): string => Buffer.from(text, "utf8").toString("hex");

/** A hash key: the whole key of an item, or what all entries of an index with this hash key begin with. */
export const hashPart = (text: string): string =>
  `${hash("md5", `Outliers${text}`, "hex").slice(0, SPREAD)}/${hex(text)}/`;

/** A range key, which follows the hash key. */
export const rangePart = (text: string): string => `${hex(text)}/`;

/** The key of an index entry within its index; `item` is the key of its item. */
export const indexKey = (hashKey: string, rangeKey: string, item: string): string =>
  hashPart(hashKey) + rangePart(rangeKey) + item.slice(0, SPREAD);
