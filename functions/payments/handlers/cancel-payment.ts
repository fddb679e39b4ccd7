// POST /api/payments/{id}/cancel/

import { conflict } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { callProvider, changePayment, providerFor, recordReport } from "../command.ts";
import { payments } from "../contract.ts";
import { requirePayer, shownAttempt, visibleTo } from "../payment.ts";
import { cancelAttempt, requireCancellable } from "../payment-attempts.ts";
import { paymentToView } from "../payment-view.ts";
import { type PaymentService, paymentService } from "../service.ts";

const route = payments.routes.cancelPayment;
type Request = Pick<HttpRequest<typeof route>, "params" | "body" | "user" | "scope">;

/** Cancels a pending attempt, at its provider first. If the provider has captured it meanwhile, that is recorded instead. */
export async function handle(service: PaymentService, { params, body, user, scope }: Request) {
  const { store, ports } = service;
  const payment = visibleTo(await store.read(params.id), user);
  requirePayer(payment, user);
  const { reference, method } = requireCancellable(payment, shownAttempt(payment).reference);
  const charge = await callProvider(scope, providerFor(ports, method).close(reference));
  if (charge.state !== "closed") {
    await recordReport(service, { method, reference, charge }, scope);
    throw conflict(
      "payment_not_cancellable",
      "The provider did not close the attempt; read the payment again.",
    );
  }
  const { state } = await changePayment(service, params.id, scope, (current, now) =>
    cancelAttempt(current, reference, body.reason ?? "cancelled by the buyer", now),
  );
  return { status: 200 as const, body: paymentToView(state) };
}

export const handler = httpHandler(payments, route, (request) => handle(paymentService(), request));
