// POST /api/orders/{id}/cancel/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { etag } from "../../../lib/http/reply.ts";
import { commandOrder } from "../command.ts";
import { orders } from "../contract.ts";
import { cancelOrder } from "../order.ts";
import { orderToView } from "../order-view.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.cancelOrder;

/** Cancels a pending order, for its buyer or its seller. */
export async function handle(
  service: OrderService,
  { params, body, user, precondition, scope }: HttpRequest<typeof route>,
) {
  const order = await commandOrder(
    service,
    { id: params.id, user, precondition, scope },
    (current, now, party) => cancelOrder(current, party, body.reason, now),
  );
  return { status: 200 as const, body: orderToView(order), headers: etag(order.revision) };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
