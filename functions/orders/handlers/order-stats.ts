// GET /api/orders/stats/

import { requireScope } from "../../../lib/auth/scopes.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { formatAmount } from "../../../lib/money/money.ts";
import { orders } from "../contract.ts";
import type { StatusTotals } from "../order-totals.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.orderStats;
type Request = Pick<HttpRequest<typeof route>, "query" | "user" | "scope">;

/** Returns counts and sums of the caller's orders per status and currency, and how many orders were counted. */
export async function handle({ totalsOf }: OrderService, { query: { role }, user, scope }: Request) {
  if (role === "seller") requireScope(user, "sell", "Counting orders as their seller");
  const totals = Object.entries(await totalsOf(user.id, role, scope.signal));
  return {
    status: 200 as const,
    body: {
      role,
      by_status: Object.fromEntries(totals.map(([status, counted]) => [status, toView(counted)])),
      coverage: Object.fromEntries(
        totals.map(([status, { orders: count, complete }]) => [status, { orders: count, complete }]),
      ),
    },
  };
}

const toView = ({ byCurrency, complete }: StatusTotals) =>
  Object.fromEntries(
    Object.entries(byCurrency).map(([currency, { count, total }]) => [
      currency,
      { count, total_amount: formatAmount(total), capped: !complete },
    ]),
  );

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
