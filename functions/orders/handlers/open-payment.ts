// POST /internal/orders/{id}/payment-attempts/

import { notFound } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { orders } from "../contract.ts";
import { openPayment } from "../order-payment.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.openPayment;

/** Gives PaymentService leave to begin a payment, with what there is to pay. */
export async function handle(service: OrderService, { params, body }: HttpRequest<typeof route>) {
  const done = await service.store.change(params.id, (order) =>
    openPayment(order, { ...body, amount: body.amount }, service.ports.now()),
  );
  if (!done) throw notFound("order");
  const { id, buyer_id, seller_id, buyer_email, total, currency } = done.state;
  return {
    status: 200 as const,
    body: { order_id: id, buyer_id, seller_id, amount: total, currency, email: buyer_email },
  };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
