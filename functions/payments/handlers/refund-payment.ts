// POST /api/payments/{id}/refund/

import type { User } from "../../../lib/auth/caller.ts";
import { hasScope } from "../../../lib/auth/scopes.ts";
import { forbidden } from "../../../lib/core/domain-error.ts";
import { checkReplay, creation } from "../../../lib/core/idempotency.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { REPLAYED } from "../../../lib/http/reply.ts";
import { changePayment } from "../command.ts";
import { payments } from "../contract.ts";
import { type Payment, partyOf } from "../payment.ts";
import { requestRefund } from "../payment-refunds.ts";
import { paymentToView } from "../payment-view.ts";
import { type PaymentService, paymentService } from "../service.ts";

const route = payments.routes.refundPayment;
type Request = Pick<HttpRequest<typeof route>, "params" | "body" | "user" | "scope" | "idempotencyKey">;

/** Stores a refund, which the relay then requests from the provider; or returns the one that was stored with the same key. */
export async function handle(service: PaymentService, request: Request) {
  const { params, body, user } = request;
  // The payment is part of the key's scope, since a provider identifies refunds by their id alone.
  const idempotency = creation(user.id, `${route.id}:${params.id}`, request.idempotencyKey, body);
  const { state, changed } = await changePayment(service, params.id, request.scope, (payment, now) => {
    requireRefunder(payment, user, service.ports.debug);
    const earlier = payment.refunds.find((known) => known.id === idempotency.id);
    if (earlier) {
      checkReplay(idempotency, { fingerprint: earlier.fingerprint, deleted: false });
      return payment;
    }
    const { id, fingerprint } = idempotency;
    return requestRefund(payment, { id, fingerprint, amount: body.amount, reason: body.reason }, now);
  });
  return { status: 201 as const, body: paymentToView(state), headers: changed ? {} : REPLAYED };
}

/** Allows the seller, and users with the scope `refund`. @throws {DomainError} forbidden for the payer unless `debug`, not found for all others. */
function requireRefunder(payment: Payment, user: User, debug: boolean): void {
  if (hasScope(user, "refund") || partyOf(payment, user) === "seller" || debug) return;
  throw forbidden("refund_not_allowed", "Only the seller can refund it; ask them.");
}

export const handler = httpHandler(payments, route, (request) => handle(paymentService(), request));
