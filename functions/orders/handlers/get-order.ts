// GET /api/orders/{id}/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { etag } from "../../../lib/http/reply.ts";
import { orders } from "../contract.ts";
import { visibleTo } from "../order.ts";
import { orderToView } from "../order-view.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.getOrder;

/** Returns the order to its buyer or seller. */
export async function handle(service: OrderService, { params, user }: HttpRequest<typeof route>) {
  const order = visibleTo(await service.store.read(params.id), user);
  return { status: 200 as const, body: orderToView(order), headers: etag(order.revision) };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
