// GET /internal/orders/{id}/

import { notFound } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { orders } from "../contract.ts";
import { orderToView } from "../order-view.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.readInternal;

/** Returns any order that is not deleted to a peer. */
export async function handle(service: OrderService, { params }: HttpRequest<typeof route>) {
  const order = await service.store.read(params.id);
  if (!order || order.deleted_at !== null) throw notFound("order");
  return { status: 200 as const, body: orderToView(order) };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
