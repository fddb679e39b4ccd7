// POST /api/orders/{id}/complete/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { etag } from "../../../lib/http/reply.ts";
import { commandOrder } from "../command.ts";
import { orders } from "../contract.ts";
import { completeOrder } from "../order.ts";
import { orderToView } from "../order-view.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.completeOrder;

/** Completes a paid order, for its buyer or its seller. */
export async function handle(
  service: OrderService,
  { params, user, precondition, scope }: HttpRequest<typeof route>,
) {
  const command = { id: params.id, user, precondition, scope };
  const order = await commandOrder(service, command, completeOrder);
  return { status: 200 as const, body: orderToView(order), headers: etag(order.revision) };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
