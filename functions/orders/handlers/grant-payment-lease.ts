// POST /internal/orders/{id}/payment-attempts/

import { notFound } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { leaseFromWire } from "../../lease-names.ts";
import { orders } from "../contract.ts";
import { changedAt } from "../order.ts";
import { giveLeaseBack, grantPaymentLease } from "../payment-lease.ts";
import { type OrderService, orderService } from "../service.ts";

const route = orders.routes.grantPaymentLease;

/** Grants PaymentService the lease for a payment attempt, or takes it back, and returns what there is to pay. */
export async function handle(service: OrderService, { params, body }: HttpRequest<typeof route>) {
  const request = leaseFromWire(body);
  const done = await service.store.change(params.id, (order) => {
    const now = service.ports.now();
    return body.given_back === true
      ? giveLeaseBack(order, request.holder, now)
      : grantPaymentLease(order, request, now);
  });
  if (!done) throw notFound("order");
  const { id, buyer_id, seller_id, buyer_email, buyer_locale, total, currency } = done.state;
  return {
    status: 200 as const,
    body: {
      order_id: id,
      buyer_id,
      seller_id,
      amount: total,
      currency,
      email: buyer_email,
      changed_at: changedAt(done.state),
      ...(buyer_locale === undefined ? {} : { locale: buyer_locale }),
    },
  };
}

export const handler = httpHandler(orders, route, (request) => handle(orderService(), request));
