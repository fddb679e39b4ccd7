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
export async function cancel(
  service: OrderService,
  { params, body, user, ifMatch, scope }: HttpRequest<typeof route>,
) {
  const command = { id: params.id, userId: user.id, revision: ifMatch, scope };
  const order = await commandOrder(service, command, (current, now) => {
    const party = current.buyer_id === user.id ? "buyer" : "seller";
    return cancelOrder(current, body.reason ?? `cancelled by the ${party}`, now);
  });
  return { status: 200 as const, body: orderToView(order), headers: etag(order.revision) };
}

export const handler = httpHandler(orders, route, (request) => cancel(orderService(), request));
