// POST /internal/orders/{id}/payment-events/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { REFUND_CAUSE } from "../../events.ts";
import { orders } from "../contract.ts";
import { applyPaymentEvent, verdictOn } from "../order-payment.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.applyPaymentEvent;

/** Applies how the payment stands, and answers whether its capture pays the order. */
export async function handle(service: OrderService, { params, body, scope }: HttpRequest<typeof route>) {
  const { store, ports } = service;
  // PaymentService sends it by the name from before the code had a better one; both may be a version apart.
  const { live_until: lease_until, ...sent } = body;
  const event = { ...sent, lease_until };
  const done = await store.change(params.id, (order) => applyPaymentEvent(order, event, ports.now()));
  if (!done)
    return { status: 200 as const, body: { verdict: "refund" as const, reason: REFUND_CAUSE.order_missing } };
  if (done.changed && done.state.outbox.length > 0) await ports.hint(params.id, scope.traceparent);
  return { status: 200 as const, body: verdictOn(done.state, event) };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
