// Counts and sums of a user's orders. The work is bounded however many orders there are; one computation per user at a time, and two of
// all users.

import { SharedWork } from "../../lib/core/shared-work.ts";
import { Turns } from "../../lib/core/turns.ts";
import type { Minor } from "../../lib/money/money.ts";
import type { Role } from "../events.ts";
import { ORDER_STATUSES, type OrderStatus } from "./order-status.ts";
import { type OrderAmount, type OrderStore, orderAmounts, statusKey } from "./order-store.ts";
import { ORDER_INDEXES } from "./tables.ts";

/** How many orders are counted per status at most; the newest first. */
const COUNTED = 1_000;

/** How many pages of at most 1 MB are read per computation at most: enough for COUNTED orders of 3 KB in every status. */
const PAGES = 16;

/** Computations of different users at once: each reads as much as a few dozen other requests, which must not wait for many of them. */
const AT_ONCE = 2;

export interface StatusTotals {
  /** How many orders were counted. */
  readonly orders: number;
  /** True when these are all orders; otherwise only the newest were counted. */
  readonly complete: boolean;
  readonly byCurrency: Readonly<Record<string, { readonly count: number; readonly total: Minor }>>;
}

/** Totals by status. */
export type OrderTotals = Readonly<Record<string, StatusTotals>>;

/**
 * Totals of what a user bought or sold, as the indexes show it after the call. Concurrent callers share one computation; it
 * is aborted when the signals of all of them are.
 */
export type TotalsOf = (userId: string, role: Role, signal: AbortSignal) => Promise<OrderTotals>;

/** Totals of the orders in `store`. */
export function orderTotals(store: OrderStore): TotalsOf {
  const computations = new SharedWork<OrderTotals>();
  const line = new Turns({
    atOnce: AT_ONCE,
    mostAtOnce: AT_ONCE,
    small: 0,
    waiting: Number.POSITIVE_INFINITY,
  });
  const inTurn = (userId: string, role: Role, signal: AbortSignal) =>
    line.take(
      "all users",
      signal,
      () => compute(store, userId, role, signal),
      () => 0,
    );
  return (userId, role, signal) =>
    computations.do(`${role} ${userId}`, signal, (ended) => inTurn(userId, role, ended));
}

/** How much was read of the orders of one status. */
interface Reading {
  readonly status: OrderStatus;
  read: number;
  /** Where the next page begins; undefined before the first. */
  next: string | undefined;
  complete: boolean;
}

/** Reads one page of each status in turn, so that many large orders of one status do not use up the pages of the others. */
async function compute(
  store: OrderStore,
  userId: string,
  role: Role,
  signal: AbortSignal,
): Promise<OrderTotals> {
  const readings = ORDER_STATUSES.map(
    (status): Reading => ({ status, read: 0, next: undefined, complete: false }),
  );
  // By id: an order whose status changes meanwhile is counted once, in the status read last.
  const orders = new Map<string, OrderAmount & { readonly status: OrderStatus }>();
  let pages = 0;
  const goesOn = ({ complete, read }: Reading) => !complete && read < COUNTED && pages < PAGES;
  while (readings.some(goesOn)) {
    for (const reading of readings.filter(goesOn)) {
      if (!goesOn(reading)) break;
      const { status, next } = reading;
      const page = await orderAmounts(store, {
        index: ORDER_INDEXES[role].time,
        hash: statusKey(userId, status),
        descending: true,
        limit: COUNTED - reading.read,
        signal,
        ...(next === undefined ? {} : { bound: { "<": next } }),
      });
      for (const order of page.items) orders.set(order.id, { ...order, status });
      pages += page.reads;
      reading.read += page.items.length;
      reading.next = page.next;
      reading.complete = page.next === undefined;
    }
  }
  const byStatus = Map.groupBy(orders.values(), ({ status }) => status);
  const totals = readings.map(
    ({ status, complete }) => [status, sumUp(byStatus.get(status) ?? [], complete)] as const,
  );
  return Object.fromEntries(totals);
}

function sumUp(orders: readonly OrderAmount[], complete: boolean): StatusTotals {
  const byCurrency = [...Map.groupBy(orders, ({ currency }) => currency)].map(([currency, group]) => {
    const total = group.reduce((sum, order) => sum + order.total, 0);
    return [currency, { count: group.length, total }] as const;
  });
  return { orders: orders.length, complete, byCurrency: Object.fromEntries(byCurrency) };
}
