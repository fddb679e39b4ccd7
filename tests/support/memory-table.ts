// The storage port in memory, with DynamoDB's conditions: for unit tests.

import type { Bound, IndexQuery, Item, Page, Table } from "../../lib/storage/table.ts";

/** An empty table. */
export function memoryTable(): Table {
  const items = new Map<string, Item>();

  function select({ index, hash, bound, descending, limit }: IndexQuery): Page<Item> {
    const range = (item: Item) => item.index[index.range] ?? "";
    const matching = [...items.values()]
      .filter((item) => item.index[index.hash] === hash && item.index[index.range] !== undefined)
      .filter((item) => bound === undefined || within(range(item), bound))
      .sort((a, b) => (range(a) < range(b) ? -1 : 1) * (descending ? -1 : 1));
    const page = matching.slice(0, limit);
    const last = page.at(-1);
    return { items: page, next: last && matching.length > limit ? range(last) : undefined };
  }

  return {
    async get(id) {
      return items.get(id);
    },
    async put(item, replaces) {
      if ((items.get(item.id)?.version ?? 0) !== replaces) return false;
      items.set(item.id, structuredClone(item));
      return true;
    },
    async query(query) {
      return select(query);
    },
    async queryIds(query) {
      const page = select(query);
      return { items: page.items.map((item) => item.id), next: page.next };
    },
  };
}

function within(value: string, bound: Bound): boolean {
  if ("<" in bound) return value < bound["<"];
  if (">" in bound) return value > bound[">"];
  if ("between" in bound) return value >= bound.between[0] && value <= bound.between[1];
  return "<=" in bound ? value <= bound["<="] : value >= bound[">="];
}
