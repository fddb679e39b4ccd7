// GET /api/orders/

import { requireScope } from "../../../lib/auth/scopes.ts";
import { type Pages, pagesOf } from "../../../lib/http/cursor.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import type { IndexQuery, Page } from "../../../lib/storage/table.ts";
import { orders } from "../contract.ts";
import type { Order } from "../order.ts";
import { ORDER_STATUSES } from "../order-status.ts";
import { type OrderStore, statusKey } from "../order-store.ts";
import { orderToView } from "../order-view.ts";
import { type OrderService, orderService } from "../service.ts";
import { ORDER_INDEXES } from "../tables.ts";

const route = orders.routes.listOrders;
type Query = HttpRequest<typeof route>["query"];

/** One page of the caller's orders. */
export async function handle(service: OrderService, { query, user }: HttpRequest<typeof route>) {
  const { store, ports } = service;
  if (query.role === "seller") requireScope(user, "sell", "Listing what one sells");
  const scope = [user.id, route.id, query.role, query.status ?? "", query.sort];
  const pages = pagesOf(ports.cursorKey, scope, query);
  const page = await mergedPage(store, queriesFor(user.id, query, pages), pages.limit);
  return {
    status: 200 as const,
    body: {
      items: page.items.map(orderToView),
      next_cursor: pages.cursor(page.next),
    },
  };
}

/** One query of an index where one answers; by amount over all statuses, one for each status. */
function queriesFor(userId: string, query: Query, { limit, after }: Pages): IndexQuery[] {
  const indexes = ORDER_INDEXES[query.role];
  const descending = query.sort.startsWith("-");
  const common = {
    descending,
    limit,
    ...(after === undefined ? {} : { bound: descending ? { "<": after } : { ">": after } }),
  };
  const byTime = query.sort.endsWith("created_at");
  if (byTime && query.status === undefined) return [{ index: indexes.all, hash: userId, ...common }];
  const statuses = query.status === undefined ? ORDER_STATUSES : [query.status];
  const index = byTime ? indexes.time : indexes.amount;
  return statuses.map((status) => ({ index, hash: statusKey(userId, status), ...common }));
}

/**
 * Merges the pages of several queries over the same range key into one, in their common order. It ends where the first
 * of them ends: what that one has next may come before the others' items.
 */
async function mergedPage(
  store: OrderStore,
  queries: readonly IndexQuery[],
  limit: number,
): Promise<Page<Order>> {
  const pages = await Promise.all(queries.map((query) => store.list(query)));
  const [first] = queries;
  const [only] = pages;
  if (!first || !only) return { items: [], next: undefined };
  if (pages.length === 1) return only;
  const comesFirst = (a: string, b: string) => (first.descending ? a > b : a < b);
  const merged = pages
    .flatMap((page) => page.items.map((order) => ({ order, range: store.rangeKey(order, first.index) })))
    .sort((a, b) => (comesFirst(a.range, b.range) ? -1 : 1));
  const ends = pages.flatMap(({ next }) => next ?? []);
  const known = merged.filter(({ range }) => !ends.some((end) => comesFirst(end, range)));
  const kept = known.slice(0, limit);
  const more = merged.length > kept.length || ends.length > 0;
  return { items: kept.map(({ order }) => order), next: more ? kept.at(-1)?.range : undefined };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
