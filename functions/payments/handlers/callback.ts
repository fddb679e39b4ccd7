// POST /api/payments/callback/{method}/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notFound } from "../../../lib/http/problem.ts";
import { changePayment } from "../command.ts";
import { payments } from "../contract.ts";
import { attemptOf } from "../payment.ts";
import { applyCharge } from "../payment-attempts.ts";
import { paymentIdOf } from "../reference.ts";
import { type PaymentService, paymentService } from "../service.ts";

const route = payments.routes.callback;
type Request = Pick<HttpRequest<typeof route>, "params" | "headers" | "rawBody" | "scope">;

/** A callback signed further from now than this may be a replay, so the provider is asked itself. */
const TRUSTED_MS = 5 * 60_000;

/** Takes what a provider tells, once it is proven to be the provider, and answers when it is durable. */
export async function take(service: PaymentService, { params, headers, rawBody, scope }: Request) {
  const { ports } = service;
  const provider = ports.providers.get(params.method);
  if (!provider) throw notFound("payment method");
  const notice = await provider.parseCallback(headers, rawBody);
  const { reference } = notice;
  const id = paymentIdOf(reference);
  if (id === undefined) throw notFound("payment attempt");
  const timely = Math.abs(ports.now() - notice.sent_at) <= TRUSTED_MS;
  const charge = timely ? notice.charge : await provider.query(reference);
  await changePayment(service, id, scope, (payment, now) => {
    // One provider's word counts for its own attempts only.
    if (attemptOf(payment, reference).method !== params.method) throw notFound("payment attempt");
    return applyCharge(payment, reference, charge, now);
  });
  return { status: 200 as const, body: { status: "ok" as const } };
}

export const handler = httpHandler(payments, route, (request) => take(paymentService(), request));
