// GET /api/orders/stats/

import { requireScope } from "../../../lib/auth/scopes.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { formatAmount } from "../../../lib/money/money.ts";
import type { Role } from "../../events.ts";
import { orders } from "../contract.ts";
import type { Order } from "../order.ts";
import { ORDER_STATUSES } from "../order-status.ts";
import { type OrderStore, statusKey } from "../order-store.ts";
import { type OrderService, orderService } from "../service.ts";
import { ORDER_INDEXES } from "../tables.ts";

const route = orders.routes.orderStats;

/** Orders counted per status; beyond it the answer says `capped`, so that no user's history makes it slow. */
const COUNTED = 1_000;
const PAGE = 200;

/** Counts and sums of the caller's orders, the newest {@link COUNTED} of each status, per currency. */
export async function handle(service: OrderService, { query, user }: HttpRequest<typeof route>) {
  if (query.role === "seller") requireScope(user, "sell", "Counting what one sells");
  const totals = await Promise.all(
    ORDER_STATUSES.map(async (status) => {
      const { items, more } = await newest(service.store, query.role, statusKey(user.id, status));
      return [status, sumUp(items, more)] as const;
    }),
  );
  return { status: 200 as const, body: { role: query.role, by_status: Object.fromEntries(totals) } };
}

async function newest(
  store: OrderStore,
  role: Role,
  hash: string,
): Promise<{ items: Order[]; more: boolean }> {
  const items: Order[] = [];
  let next: string | undefined;
  do {
    const bound = next === undefined ? {} : { bound: { "<": next } };
    const page = await store.list({
      index: ORDER_INDEXES[role].time,
      hash,
      descending: true,
      limit: PAGE,
      ...bound,
    });
    items.push(...page.items);
    next = page.next;
  } while (next !== undefined && items.length < COUNTED);
  return { items, more: next !== undefined };
}

function sumUp(items: readonly Order[], capped: boolean) {
  const currencies = Map.groupBy(items, (order) => order.currency);
  return Object.fromEntries(
    [...currencies].map(([currency, group]) => {
      const sum = group.reduce((total, order) => total + order.total, 0);
      return [currency, { count: group.length, total_amount: formatAmount(sum), capped }];
    }),
  );
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
