// GET /api/orders/

import { requireScope } from "../../../lib/auth/scopes.ts";
import { type Pages, pagesOf } from "../../../lib/http/cursor.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import type { IndexQuery } from "../../../lib/storage/table.ts";
import { orders } from "../contract.ts";
import { ORDER_STATUSES } from "../order-status.ts";
import { statusKey } from "../order-store.ts";
import { orderToView } from "../order-view.ts";
import { type OrderService, orderService } from "../service.ts";
import { ORDER_INDEXES } from "../tables.ts";

const route = orders.routes.listOrders;
type Request = Pick<HttpRequest<typeof route>, "query" | "user" | "scope">;

/** Returns a page of the caller's orders. */
export async function handle(service: OrderService, { query, user, scope }: Request) {
  const { store, ports } = service;
  if (query.role === "seller") requireScope(user, "sell", "Listing orders as their seller");
  const list = [user.id, route.id, query.role, query.status ?? "", query.sort];
  const pages = pagesOf(ports.cursorKeys, list, query);
  const page = await store.listMerged(queriesFor(user.id, query, pages, scope.signal));
  return {
    status: 200 as const,
    body: {
      items: page.items.map(orderToView),
      next_cursor: pages.cursor(page.next),
    },
  };
}

/** The index queries for a list: one, or when sorted by amount over all statuses one per status, in the order of the state machine. */
function queriesFor(
  userId: string,
  query: Request["query"],
  { limit, after }: Pages,
  signal: AbortSignal,
): IndexQuery[] {
  const indexes = ORDER_INDEXES[query.role];
  const descending = query.sort.startsWith("-");
  const common = {
    descending,
    limit,
    signal,
    ...(after === undefined ? {} : { bound: descending ? { "<": after } : { ">": after } }),
  };
  const byTime = query.sort.endsWith("created_at");
  if (byTime && query.status === undefined) return [{ index: indexes.all, hash: userId, ...common }];
  const statuses = query.status === undefined ? ORDER_STATUSES : [query.status];
  const index = byTime ? indexes.time : indexes.amount;
  return statuses.map((status) => ({ index, hash: statusKey(userId, status), ...common }));
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
