// A page of an index: { TableName, IndexName, KeyConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues,
// ScanIndexForward, Limit }, and for a part of each item ProjectionExpression.

import { type Range, within } from "../level.ts";
import { type Fields, hasFields, LONGEST_HASH, LONGEST_RANGE, textOf } from "./fields.ts";
import { hashPart, rangePart } from "./keys.ts";
import type { PlainIndex, PlainTable } from "./plain-table.ts";

/** What a query asks for. */
export interface PageQuery {
  readonly table: PlainTable;
  readonly index: PlainIndex;
  /** What the keys of all entries with the wanted hash key begin with. */
  readonly part: string;
  /** Of the index's entries: `limit` of them at most, since a page of so many ends there whatever follows. */
  readonly range: Range;
  readonly limit: number;
  /** Names of the attributes to send, in their order; undefined for all. */
  readonly names: readonly string[] | undefined;
}

const WHOLE = [
  "TableName",
  "IndexName",
  "KeyConditionExpression",
  "ExpressionAttributeNames",
  "ExpressionAttributeValues",
  "ScanIndexForward",
  "Limit",
];
const IN_PARTS = [...WHOLE, "ProjectionExpression"];
const MOST_ROWS = 1_000;

/** Undefined for a query of any other form. */
export function pageQuery(
  request: unknown,
  tableOf: (name: unknown) => PlainTable | undefined,
): PageQuery | undefined {
  if (!hasFields(request, WHOLE) && !hasFields(request, IN_PARTS)) return undefined;
  const { TableName, IndexName, ScanIndexForward: forward, Limit: limit } = request;
  const table = tableOf(TableName);
  const index = table?.indexes.find(({ name }) => name === IndexName);
  if (table === undefined || index === undefined || typeof forward !== "boolean") return undefined;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS)
    return undefined;
  const condition = CONDITIONS.find(({ expression }) => expression === request["KeyConditionExpression"]);
  const keys = condition && rangeBy(condition, request["ExpressionAttributeValues"]);
  const names = condition && namesIn(request, index, condition.bounds.length > 0);
  if (keys === undefined || names === undefined) return undefined;
  const range = within(index.prefix, { ...keys.range, reverse: !forward, limit });
  const part = index.prefix + keys.part;
  return { table, index, part, range, limit, names: names.length === 0 ? undefined : names };
}

interface Condition {
  readonly expression: string;
  /** The values for the range key. */
  readonly bounds: readonly string[];
  /**
   * The part of an index's keys: `part` is what all keys with the hash key begin with, `bounds` follow it. What follows a range
   * key sorts before "~".
   */
  range(part: string, bounds: readonly string[]): Range;
}

const CONDITIONS: readonly Condition[] = [
  { expression: "#h = :hash", bounds: [], range: (part) => ({ gte: part, lt: `${part}~` }) },
  {
    expression: "#h = :hash AND #r < :bound",
    bounds: [":bound"],
    range: (part, [bound]) => ({ gte: part, lt: `${part}${bound}` }),
  },
  {
    expression: "#h = :hash AND #r <= :bound",
    bounds: [":bound"],
    range: (part, [bound]) => ({ gte: part, lte: `${part}${bound}~` }),
  },
  {
    expression: "#h = :hash AND #r > :bound",
    bounds: [":bound"],
    range: (part, [bound]) => ({ gt: `${part}${bound}~`, lt: `${part}~` }),
  },
  {
    expression: "#h = :hash AND #r >= :bound",
    bounds: [":bound"],
    range: (part, [bound]) => ({ gte: `${part}${bound}`, lt: `${part}~` }),
  },
  {
    expression: "#h = :hash AND #r BETWEEN :bound AND :to",
    bounds: [":bound", ":to"],
    range: (part, [bound, to]) => ({ gte: `${part}${bound}`, lte: `${part}${to}~` }),
  },
];

function rangeBy(
  { bounds, range }: Condition,
  values: unknown,
): { readonly part: string; readonly range: Range } | undefined {
  if (!hasFields(values, [":hash", ...bounds])) return undefined;
  const hash = textOf(values[":hash"], LONGEST_HASH);
  const texts = bounds.flatMap((name) => textOf(values[name], LONGEST_RANGE) ?? []);
  if (hash === undefined || texts.length < bounds.length) return undefined;
  const [from = "", to = from] = texts;
  // dynalite refuses such a range.
  if (from > to) return undefined;
  const part = hashPart(hash);
  return { part, range: range(part, texts.map(rangePart)) };
}

/** The attributes to send, none for all of them; undefined unless the aliases are `#h`, `#r` where used, and `#p0`, `#p1`, … */
function namesIn(
  request: Fields,
  { hash, range }: PlainIndex,
  bounded: boolean,
): readonly string[] | undefined {
  const { ExpressionAttributeNames: aliases, ProjectionExpression: projection } = request;
  if (projection === undefined)
    return hasFields(aliases, bounded ? ["#h", "#r"] : ["#h"]) && isNamed(aliases, hash, range)
      ? []
      : undefined;
  const expected = String(projection).split(", ");
  const ofParts = expected.every((alias, at) => alias === (at === 0 ? "#r" : `#p${at - 1}`));
  if (typeof projection !== "string" || !ofParts) return undefined;
  if (!hasFields(aliases, ["#h", ...expected]) || !isNamed(aliases, hash, range)) return undefined;
  const names = expected.flatMap((alias) => plainName(aliases[alias]) ?? []);
  return names.length === expected.length && new Set(names).size === names.length ? names : undefined;
}

const isNamed = (aliases: Fields, hash: string, range: string): boolean =>
  aliases["#h"] === hash && (aliases["#r"] ?? range) === range;

/** An attribute's name that no object has by itself, and that keeps its place among an object's fields. */
const plainName = (name: unknown): string | undefined =>
  typeof name === "string" && /^[a-z]\w*$/i.test(name) && !(name in {}) ? name : undefined;
