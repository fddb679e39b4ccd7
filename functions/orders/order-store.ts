// How an order is stored: as an item with its index keys.

import { amountOfSortKey, type Minor, sortableAmount } from "../../lib/money/money.ts";
import { earliest, nextDelivery, parkedEvents } from "../../lib/outbox/outbox.ts";
import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import type { IndexQuery, Page, Table } from "../../lib/storage/table.ts";
import { expiryOf, type Order, type OrderStatus } from "./order.ts";
import { readStoredOrder, writeStoredOrder } from "./stored-order.ts";

export type OrderStore = AggregateStore<Order>;

/** How long a deleted order is kept for late callbacks and repeated requests, in milliseconds. */
const TOMBSTONE_MS = 90 * 24 * 3_600_000;

/** The hash key for a user's orders in one status. */
export const statusKey = (userId: string, status: OrderStatus): string => `${userId}#${status}`;

const codec: Codec<Order> = {
  schemaVersion: 1,
  stored: { read: readStoredOrder, write: writeStoredOrder },
  id: (order) => order.id,
  index(order) {
    if (order.deleted_at !== null) return {};
    const { buyer_id, seller_id, status } = order;
    return {
      buyer: buyer_id,
      buyer_status: statusKey(buyer_id, status),
      ...(seller_id === null ? {} : { seller: seller_id, seller_status: statusKey(seller_id, status) }),
      created: `${order.created_at}#${order.id}`,
      amount: `${sortableAmount(order.total)}#${order.id}`,
      // Not a key of any index: totals are computed from these two fields, without reading whole orders.
      currency: order.currency,
    };
  },
  dueAt: (order) => earliest(nextDelivery(order.outbox), expiryOf(order)),
  parked: (order) => parkedEvents(order.outbox).length > 0,
  expiresOn: (order) =>
    order.deleted_at === null ? undefined : Math.floor((Date.parse(order.deleted_at) + TOMBSTONE_MS) / 1_000),
};

/** Orders in `table`. */
export const orderStore = (table: Table): OrderStore => new AggregateStore(table, codec);

/** What totals are computed from. */
export interface OrderAmount {
  readonly id: string;
  readonly currency: string;
  readonly total: Minor;
}

export interface AmountsPage extends Page<OrderAmount> {
  /** How many pages were read. */
  readonly reads: number;
}

/** One page of an index, without the whole orders; these are read only for items written before the index had `currency`. */
export async function orderAmounts(store: OrderStore, query: IndexQuery): Promise<AmountsPage> {
  const entries = await store.listEntries(query, ["amount", "currency"]);
  const items = entries.items.map(({ id, index: { amount = "", currency = "" } }) => ({
    id,
    currency,
    total: amountOfSortKey(amount),
  }));
  if (items.every(({ currency }) => currency !== "")) return { items, next: entries.next, reads: 1 };
  return { ...(await store.list(query)), reads: 2 };
}
