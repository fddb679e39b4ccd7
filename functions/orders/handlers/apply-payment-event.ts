// POST /internal/orders/{id}/payment-events/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { hintAfter } from "../../../lib/outbox/hint.ts";
import { REFUND_CAUSE } from "../../events.ts";
import { leaseFromWire } from "../../lease-names.ts";
import { orders } from "../contract.ts";
import { changedAt } from "../order.ts";
import { applyPaymentEvent, verdictOn } from "../order-payment.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.applyPaymentEvent;

/** Applies the state of the payment, and returns whether its capture pays the order. */
export async function handle(service: OrderService, { params, body, scope }: HttpRequest<typeof route>) {
  const { store, ports } = service;
  const event = leaseFromWire(body);
  const done = await store.change(params.id, (order) => applyPaymentEvent(order, event, ports.now()));
  if (!done)
    return { status: 200 as const, body: { verdict: "refund" as const, reason: REFUND_CAUSE.order_missing } };
  await hintAfter(ports.hint, params.id, done, scope);
  return {
    status: 200 as const,
    body: { ...verdictOn(done.state, event), changed_at: changedAt(done.state) },
  };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
