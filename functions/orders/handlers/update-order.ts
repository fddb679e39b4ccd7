// PUT /api/orders/{id}/

import { conflict } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { etag } from "../../../lib/http/reply.ts";
import { commandOrder } from "../command.ts";
import { orders } from "../contract.ts";
import {
  cancelOrder,
  completeOrder,
  editOrder,
  type Order,
  type OrderDetails,
  type OrderStatus,
  requireBuyer,
  totalOf,
} from "../order.ts";
import { orderToView } from "../order-view.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.updateOrder;
type Body = HttpRequest<typeof route>["body"];

/** Edits a pending order, and changes its status when the body has another `status`. */
export async function handle(
  service: OrderService,
  { params, body, user, precondition, scope }: HttpRequest<typeof route>,
) {
  const command = { id: params.id, user, precondition, scope };
  const order = await commandOrder(service, command, (current, now) => {
    requireBuyer(current, user);
    const changes = changesOf(current, body);
    const edited = Object.keys(changes).length > 0 ? editOrder(current, changes, now) : current;
    return body.status === undefined ? edited : toStatus(edited, body.status, now);
  });
  return { status: 200 as const, body: orderToView(order), headers: etag(order.revision) };
}

function changesOf(order: Order, body: Body): Partial<OrderDetails> {
  const { customer_name, shipping, remark, items, total_amount } = body;
  const money = items !== undefined || total_amount !== undefined;
  // A total without lines must agree with the order's present lines.
  const lines = items ?? (order.lines.length > 0 ? order.lines : undefined);
  return {
    ...(customer_name === undefined ? {} : { customer_name }),
    ...(shipping === undefined ? {} : { shipping }),
    ...(remark === undefined ? {} : { remark }),
    ...(money ? { lines: lines ?? [], total: totalOf(lines, total_amount) } : {}),
  };
}

function toStatus(order: Order, status: OrderStatus, now: number): Order {
  if (status === order.status) return order;
  if (status === "cancelled") return cancelOrder(order, "buyer", undefined, now);
  if (status === "completed") return completeOrder(order, now);
  throw conflict(
    "order_status_not_settable",
    `An order can't be set to ${status}; send cancelled or completed.`,
  );
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
