// The items of orders that have changed a moment ago, so that they need not be read again. Of an order whose first write was
// seen, all there is was seen.

import type { Item, Table } from "../../../lib/storage/table.ts";

interface Group {
  /** By `<table>/<id>`. */
  readonly items: Map<string, Item>;
  complete: boolean;
}

const MOST_ORDERS = 400;

export class RecentOrders {
  #groups = new Map<string, Group>();

  /** Takes an item of the order. Returns the one that it replaces, if that is here. */
  take(orderId: string, table: string, item: Item): Item | undefined {
    const begins = table === "orders" && item.version === 1;
    const group = this.#groups.get(orderId) ?? { items: new Map<string, Item>(), complete: begins };
    // The one that has changed last is the last to go.
    this.#groups.delete(orderId);
    this.#groups.set(orderId, group);
    const key = `${table}/${item.id}`;
    const before = group.items.get(key);
    group.items.set(key, item);
    const oldest = this.#groups.size > MOST_ORDERS ? this.#groups.keys().next().value : undefined;
    if (oldest !== undefined) this.#groups.delete(oldest);
    return before;
  }

  isComplete(orderId: string): boolean {
    return this.#groups.get(orderId)?.complete ?? false;
  }

  /** Ids of the order's items in a table. */
  idsOf(orderId: string, table: string): readonly string[] {
    const before = `${table}/`;
    const keys = [...(this.#groups.get(orderId)?.items.keys() ?? [])];
    return keys.filter((key) => key.startsWith(before)).map((key) => key.slice(before.length));
  }

  /** Something was written that was not seen. Returns the orders that were here. */
  clear(): readonly string[] {
    const orders = [...this.#groups.keys()];
    this.#groups.clear();
    return orders;
  }

  /** `stored` as the order sees it: what is known here is not read. */
  table(orderId: string, name: string, stored: Table): Table {
    const group = this.#groups.get(orderId);
    if (group?.complete !== true) return stored;
    return { ...stored, get: async (id) => group.items.get(`${name}/${id}`) };
  }
}
