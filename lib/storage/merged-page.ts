// One page of several index queries in their common order.

import type { IndexQuery, Item, Page } from "./table.ts";

/** Limit of a page's documents in bytes; a page may be larger if it has one item only. DynamoDB ends a query there as well. */
export const PAGE_BYTES = 1024 * 1024;

interface Row {
  readonly range: string;
  readonly item: Item;
}

/**
 * Merges `queries`, which have the same range key, order, limit and first bound (`<`, `>` or none), into one page. They run
 * one after another: the results so far show where the page ends at the latest, and nothing beyond that is read. An item that
 * meanwhile moves from one query's results to those of a later one appears once.
 */
export async function mergedPage(
  ask: (query: IndexQuery) => Promise<Page<Item>>,
  queries: readonly IndexQuery[],
): Promise<Page<Item>> {
  let rows: readonly Row[] = [];
  let end: string | undefined;
  for (const query of queries) {
    const { items, next } = await ask(end === undefined ? query : until(query, end));
    const merged = inOrder(query, rows, rowsOf(query, items));
    end = first(query, end, next);
    rows = cut(query, merged, end);
    if (rows.length < merged.length) end = rows.at(-1)?.range ?? end;
  }
  return { items: rows.map(({ item }) => item), next: end };
}

/** The rows up to `end` that fit into a page. */
function cut(query: IndexQuery, rows: readonly Row[], end: string | undefined): readonly Row[] {
  const known = end === undefined ? rows : rows.filter(({ range }) => !isBefore(query, end, range));
  if (surelyFit(known)) return known.slice(0, query.limit);
  let bytes = 0;
  const fitting = known.slice(0, query.limit).findIndex(({ item }) => {
    bytes += Buffer.byteLength(item.doc);
    return bytes > PAGE_BYTES;
  });
  return known.slice(0, fitting < 0 ? query.limit : Math.max(1, fitting));
}

/** A UTF-16 code unit is 3 bytes in UTF-8 at most, so the documents of most pages need not be measured. */
const surelyFit = (rows: readonly Row[]): boolean =>
  rows.reduce((length, { item }) => length + item.doc.length, 0) * 3 <= PAGE_BYTES;

/** `query` without what comes after `end`. */
function until(query: IndexQuery, end: string): IndexQuery {
  const { bound } = query;
  if (bound !== undefined && "<" in bound)
    return { ...query, bound: { between: [end, justBefore(bound["<"])] } };
  if (bound !== undefined && ">" in bound)
    return { ...query, bound: { between: [justAfter(bound[">"]), end] } };
  return { ...query, bound: query.descending === true ? { ">=": end } : { "<=": end } };
}

/** The first text after `text`. */
const justAfter = (text: string): string => `${text}\u0000`;

/** A text before `text` with no range key between the two, because range keys end in ids. */
const justBefore = (text: string): string =>
  `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(text.length - 1) - 1)}\u{10ffff}`;

const rowsOf = ({ index }: IndexQuery, items: readonly Item[]): readonly Row[] =>
  items.map((item) => ({ range: item.index[index.range] ?? "", item }));

function inOrder(query: IndexQuery, earlier: readonly Row[], later: readonly Row[]): readonly Row[] {
  if (earlier.length === 0) return later;
  const rows = new Map([...earlier, ...later].map((row) => [row.range, row]));
  return [...rows.values()].sort((a, b) => (isBefore(query, a.range, b.range) ? -1 : 1));
}

function first(query: IndexQuery, a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return isBefore(query, a, b) ? a : b;
}

const isBefore = ({ descending }: IndexQuery, a: string, b: string): boolean =>
  descending === true ? a > b : a < b;
