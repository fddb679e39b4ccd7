// POST /api/payments/{id}/simulate/

import { conflict } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { payments } from "../contract.ts";
import { liveAttempt, requirePayer, visibleTo } from "../payment.ts";
import { type PaymentService, paymentService } from "../service.ts";

const route = payments.routes.simulate;
type Request = Pick<HttpRequest<typeof route>, "params" | "body" | "user" | "scope">;

/** Makes the sandbox provider decide about the payment's latest sandbox attempt. */
export async function handle({ store, ports }: PaymentService, { params, body, user, scope }: Request) {
  const recent = await store.readRecent(params.id);
  // A cached payment is good enough if it has a live attempt; otherwise another instance may have begun one.
  const payment = visibleTo(recent && liveAttempt(recent) ? recent : await store.read(params.id), user);
  requirePayer(payment, user);
  const attempt = payment.attempts.findLast(({ method }) => method === "sandbox");
  if (!attempt) throw conflict("no_sandbox_attempt", "This payment has no sandbox attempt.");
  const { reference, amount } = attempt;
  await ports.decide({ reference, amount, currency: payment.currency }, body.outcome, scope.traceparent);
  return { status: 202 as const, body: { payment_id: payment.id, outcome: body.outcome } };
}

export const handler = httpHandler(payments, route, (request) => handle(paymentService(), request));
