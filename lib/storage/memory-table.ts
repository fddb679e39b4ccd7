// The storage port in memory, with DynamoDB's conditions: for unit tests and simulations.

import type { IndexQuery, Item, Page, Position, Table } from "./table.ts";

/** An empty table. */
export function memoryTable(): Table {
  const items = new Map<string, Item>();

  function select({ index, hash, from, to, descending, limit, after }: IndexQuery): Page<Item> {
    const key = (item: Item) => `${item.index[index.range]}\n${item.id}`;
    const start = after === undefined ? undefined : `${after[index.range]}\n${after["id"]}`;
    const matching = [...items.values()]
      .filter((item) => item.index[index.hash] === hash && item.index[index.range] !== undefined)
      .filter((item) => inBounds(item.index[index.range] ?? "", from, to))
      .sort((a, b) => (key(a) < key(b) ? -1 : 1) * (descending ? -1 : 1))
      .filter((item) => start === undefined || (descending ? key(item) < start : key(item) > start));
    const page = matching.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page,
      next: last && matching.length > limit ? position(last, index.hash, index.range) : undefined,
    };
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

const inBounds = (value: string, from: string | undefined, to: string | undefined): boolean =>
  (from === undefined || value >= from) && (to === undefined || value <= to);

const position = (item: Item, hash: string, range: string): Position => ({
  id: item.id,
  [hash]: item.index[hash] ?? "",
  [range]: item.index[range] ?? "",
});
