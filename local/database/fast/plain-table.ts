// The tables that the product has: a text as key, and global indexes over two texts.

import type { TableDescription } from "../dynalite.ts";
import { indexPrefix, itemPrefix } from "../keyspace.ts";

export interface PlainIndex {
  readonly name: string;
  readonly hash: string;
  readonly range: string;
  /** Whether it projects whole items; else their keys alone. */
  readonly whole: boolean;
  /** Before the keys of its entries. */
  readonly prefix: string;
}

export interface PlainTable {
  readonly name: string;
  /** The key attribute. */
  readonly key: string;
  /** Before the keys of its items. */
  readonly prefix: string;
  readonly indexes: readonly PlainIndex[];
}

const known = new WeakMap<TableDescription, PlainTable | "other">();

/** The table as this path needs it; undefined when it is of another form. A description never changes: its table gets a new one. */
export function plainTable(description: TableDescription): PlainTable | undefined {
  let table = known.get(description);
  if (table === undefined) {
    table = read(description) ?? "other";
    known.set(description, table);
  }
  return table === "other" ? undefined : table;
}

function read(description: TableDescription): PlainTable | undefined {
  const { TableName: name, KeySchema, LocalSecondaryIndexes = [], GlobalSecondaryIndexes = [] } = description;
  const [key, ...others] = namesOf(description, KeySchema);
  if (key === undefined || others.length > 0 || LocalSecondaryIndexes.length > 0) return undefined;
  const indexes: PlainIndex[] = [];
  for (const index of GlobalSecondaryIndexes) {
    const [hash, range, ...rest] = namesOf(description, index.KeySchema);
    const { ProjectionType: projection, NonKeyAttributes } = index.Projection;
    const known = projection === "ALL" || projection === "KEYS_ONLY";
    if (hash === undefined || range === undefined || rest.length > 0 || !known || NonKeyAttributes)
      return undefined;
    const prefix = indexPrefix("global", name, index.IndexName);
    indexes.push({ name: index.IndexName, hash, range, whole: projection === "ALL", prefix });
  }
  return { name, key, prefix: itemPrefix(name), indexes };
}

/** The names in a key schema; none when one is not a text, or is a name that every object has. */
function namesOf(
  { AttributeDefinitions }: TableDescription,
  schema: TableDescription["KeySchema"],
): readonly string[] {
  const names = schema.map(({ AttributeName }) => AttributeName);
  const isText = (name: string) =>
    !(name in {}) &&
    AttributeDefinitions.find(({ AttributeName }) => AttributeName === name)?.AttributeType === "S";
  return names.every(isText) ? names : [];
}
