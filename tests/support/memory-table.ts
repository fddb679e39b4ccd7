// The storage port in memory, with DynamoDB's conditions and with indexes that may lag behind the items: for unit tests and
// for simulations.

import {
  type Bound,
  BY_DUE,
  type IndexEntry,
  type IndexQuery,
  type Item,
  type Page,
  type Table,
} from "../../lib/storage/table.ts";

/** Told of each write that took place, before anybody else can know of it. */
export type OnWrite = (item: Item, before: Item | undefined) => void;

/** Of a range key of the due index, `<time>#<id>`. */
const ISO_LENGTH = 24;

export class Store {
  readonly #items = new Map<string, Item>();
  readonly #indexed = new Map<string, Item>();
  #unindexed: { readonly at: number; readonly item: Item }[] = [];
  readonly #onWrite: OnWrite;

  constructor(onWrite: OnWrite = () => {}) {
    this.#onWrite = onWrite;
  }

  /** Consistent, as `GetItem` with `ConsistentRead`. */
  get(id: string): Item | undefined {
    return this.#items.get(id);
  }

  /** Writes if the stored version is `replaces` (0: none is stored). Indexes show it from `visibleAt` on. */
  put(item: Item, replaces: number, visibleAt = 0): boolean {
    const before = this.#items.get(item.id);
    if ((before?.version ?? 0) !== replaces) return false;
    this.#items.set(item.id, item);
    this.#unindexed.push({ at: visibleAt, item });
    this.#onWrite(item, before);
    return true;
  }

  /** One page of an index as it is shown at `now`. */
  query({ index, hash, bound, descending, limit }: IndexQuery, now = 0): Page<Item> {
    this.#show(now);
    const matching: { range: string; item: Item }[] = [];
    for (const item of this.#indexed.values()) {
      if (item.index[index.hash] !== hash) continue;
      const range = item.index[index.range];
      if (range !== undefined && (bound === undefined || within(range, bound)))
        matching.push({ range, item });
    }
    matching.sort((a, b) => (a.range < b.range === (descending !== true) ? -1 : 1));
    const page = matching.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(({ item }) => item),
      next: last && matching.length > limit ? last.range : undefined,
    };
  }

  /** When the first of all items is due, in epoch milliseconds. */
  firstDue(): number {
    let first: string | undefined;
    for (const { index } of this.#items.values()) {
      const at = index[BY_DUE.range];
      if (at !== undefined && (first === undefined || at < first)) first = at;
    }
    // What is parked, and owes nothing else, stands at the end of time.
    if (first === undefined || first.startsWith("9999")) return Number.POSITIVE_INFINITY;
    return Date.parse(first.slice(0, ISO_LENGTH));
  }

  /** Moves what is due into the indexes; of one item never an older version over a newer. */
  #show(now: number): void {
    if (this.#unindexed.length === 0) return;
    const waiting = [];
    for (const entry of this.#unindexed) {
      if (entry.at > now) waiting.push(entry);
      else if ((this.#indexed.get(entry.item.id)?.version ?? 0) < entry.item.version)
        this.#indexed.set(entry.item.id, entry.item);
    }
    this.#unindexed = waiting;
  }
}

/** An empty table whose every operation takes place at once. */
export function memoryTable(): Table {
  const store = new Store();
  const ask = (query: IndexQuery) => {
    query.signal?.throwIfAborted();
    return store.query(query);
  };
  return {
    get: async (id) => store.get(id),
    put: async (item, replaces) => store.put(item, replaces),
    query: async (query) => ask(query),
    queryEntries: async (query, names) => entriesOf(ask(query), names),
    queryIds: async (query) => idsOf(ask(query)),
  };
}

/** A page of an index that projects keys alone. */
export const idsOf = ({ items, next }: Page<Item>): Page<string> => ({
  items: items.map(({ id }) => id),
  next,
});

/** A page with the attributes `names` only. */
export const entriesOf = ({ items, next }: Page<Item>, names: readonly string[]): Page<IndexEntry> => ({
  items: items.map(({ id, index }) => ({
    id,
    index: Object.fromEntries(Object.entries(index).filter(([name]) => names.includes(name))),
  })),
  next,
});

function within(value: string, bound: Bound): boolean {
  if ("<" in bound) return value < bound["<"];
  if (">" in bound) return value > bound[">"];
  if ("between" in bound) return value >= bound.between[0] && value <= bound.between[1];
  return "<=" in bound ? value <= bound["<="] : value >= bound[">="];
}
