// DELETE /api/orders/{id}/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { commandOrder } from "../command.ts";
import { orders } from "../contract.ts";
import { deleteOrder, requireBuyer } from "../order.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.deleteOrder;

/** Hides the order; a pending one is cancelled first. */
export async function handle(
  service: OrderService,
  { params, user, precondition, scope }: HttpRequest<typeof route>,
) {
  await commandOrder(service, { id: params.id, user, precondition, scope }, (order, now) => {
    requireBuyer(order, user);
    return deleteOrder(order, now);
  });
  return { status: 204 as const, body: undefined };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
