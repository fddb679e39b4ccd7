// What DynamoDB charges for operations on a table, by its rules for sizes and for indexes:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html and GSI.html there.

import type { IndexName } from "../../lib/storage/table.ts";

/** An item as it is sent and stored: each attribute below its type. */
export type StoredItem = Readonly<Record<string, unknown>>;

export interface ChargedIndex extends IndexName {
  /** Attributes that it holds besides its keys and the table's; all of them where this is `ALL`. */
  readonly projection: "ALL" | readonly string[];
}

export interface ChargedTable {
  readonly key: string;
  readonly indexes: readonly ChargedIndex[];
}

/** Write units, by where they are charged: `""` is the table itself, otherwise an index and one of its hash keys. */
export interface Charge {
  readonly index: string;
  readonly hash: string;
  readonly units: number;
}

/** Write units per second of one partition, as DynamoDB documents it. */
export const PARTITION_UNITS = 1_000;

const WRITE_UNIT = 1_024;
const READ_UNIT = 4_096;

/** Bytes of an item: names and values, each in UTF-8. */
export const itemBytes = (item: StoredItem): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

function valueBytes(typed: unknown): number {
  const [type, value] = Object.entries(Object(typed))[0] ?? [];
  if (type === "S") return Buffer.byteLength(String(value));
  if (type === "N") return Math.ceil(String(value).replace(/[^0-9]/g, "").length / 2) + 1;
  if (type === "B") return Buffer.byteLength(String(value), "base64");
  if (type === "L" || type === "M")
    return Object.entries(Object(value)).reduce(
      (sum, [name, one]) => sum + 1 + valueBytes(one) + (type === "M" ? Buffer.byteLength(name) : 0),
      3,
    );
  return 1;
}

/** Write units of an item of so many bytes. */
const written = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_UNIT));

/** Read units for so many bytes. */
export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT)) * (consistent ? 1 : 0.5);

/** What writing `after` in the place of `before` costs; `undefined` is no item. */
export function putCharges(
  table: ChargedTable,
  before: StoredItem | undefined,
  after: StoredItem | undefined,
): readonly Charge[] {
  const bytes = Math.max(before ? itemBytes(before) : 0, after ? itemBytes(after) : 0);
  return [
    { index: "", hash: "", units: written(bytes) },
    ...table.indexes.flatMap((index) => indexCharges(table.key, index, before, after)),
  ];
}

function indexCharges(
  key: string,
  index: ChargedIndex,
  before: StoredItem | undefined,
  after: StoredItem | undefined,
): readonly Charge[] {
  const [from, to] = [entryOf(key, index, before), entryOf(key, index, after)];
  const charge = (entry: StoredItem, bytes = itemBytes(entry)): Charge => ({
    index: index.name,
    hash: textOf(entry[index.hash]),
    units: written(bytes),
  });
  if (from === undefined || to === undefined)
    return [from, to].flatMap((one) => (one === undefined ? [] : [charge(one)]));
  const moves = [index.hash, index.range].some((name) => textOf(from[name]) !== textOf(to[name]));
  if (moves) return [charge(from), charge(to)];
  return JSON.stringify(from) === JSON.stringify(to)
    ? []
    : [charge(to, Math.max(itemBytes(from), itemBytes(to)))];
}

/** What an index holds of an item: nothing when it lacks one of the index's keys. */
function entryOf(key: string, index: ChargedIndex, item: StoredItem | undefined): StoredItem | undefined {
  if (item?.[index.hash] === undefined || item[index.range] === undefined) return undefined;
  if (index.projection === "ALL") return sorted(item, () => true);
  const names = new Set([key, index.hash, index.range, ...index.projection]);
  return sorted(item, (name) => names.has(name));
}

const sorted = (item: StoredItem, keep: (name: string) => boolean): StoredItem =>
  Object.fromEntries(
    Object.entries(item)
      .filter(([name]) => keep(name))
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );

const textOf = (attribute: unknown): string => String(Object.values(Object(attribute))[0] ?? "");
