// POST /api/payments/callback/{method}/

import { DomainError, notFound } from "../../../lib/core/domain-error.ts";
import type { Scope } from "../../../lib/core/scope.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { callProvider, changePayment } from "../command.ts";
import { payments } from "../contract.ts";
import { attemptOf, type Payment } from "../payment.ts";
import { applyCharge } from "../payment-attempts.ts";
import { checkRefundNow } from "../payment-refunds.ts";
import type { PaymentPorts } from "../ports.ts";
import type { Notice, Provider } from "../providers/provider.ts";
import { paymentIdOf } from "../reference.ts";
import { type PaymentService, paymentService } from "../service.ts";

const route = payments.routes.callback;
type Request = Pick<HttpRequest<typeof route>, "params" | "headers" | "rawBody" | "scope">;

/** A callback signed further from now than this may be a replay, so the provider is asked itself. */
const TRUSTED_MS = 5 * 60_000;

/** Takes a callback once its signature is verified, and answers in the form of its provider when it is durable. */
export async function handle(service: PaymentService, request: Request) {
  const provider = service.ports.providers.get(request.params.method);
  if (!provider) throw notFound("payment method");
  try {
    await apply(service, provider, request);
  } catch (error) {
    const refused = error instanceof DomainError && provider.replies.refused(error);
    if (!(error instanceof DomainError) || !refused) throw error;
    request.scope.log.warn({ method: provider.method, code: error.code }, "a callback was refused");
    return refused;
  }
  return provider.replies.taken;
}

async function apply(service: PaymentService, provider: Provider, { headers, rawBody, scope }: Request) {
  const { ports } = service;
  const notice = await provider.parseCallback(headers, rawBody);
  if (notice.about === "other") return;
  const { reference } = notice;
  const id = paymentIdOf(reference);
  if (id === undefined) throw notFound("payment attempt");
  const step = await changeOf(ports, provider, notice, scope);
  await changePayment(service, id, scope, (payment, now) => {
    // A provider may report on its own attempts only.
    if (attemptOf(payment, reference).method !== provider.method) throw notFound("payment attempt");
    return step(payment, now);
  });
}

/** What a notice changes in its payment. */
async function changeOf(
  { now }: PaymentPorts,
  provider: Provider,
  notice: Exclude<Notice, { about: "other" }>,
  scope: Scope,
): Promise<(payment: Payment, now: number) => Payment> {
  if (notice.about === "refund") return (payment, at) => checkRefundNow(payment, notice.refund_id, at);
  const { reference } = notice;
  const timely = Math.abs(now() - notice.sent_at) <= TRUSTED_MS;
  const charge = timely ? notice.charge : await callProvider(scope, provider.query(reference));
  return (payment, at) => applyCharge(payment, reference, charge, at);
}

export const handler = httpHandler(payments, route, (request) => handle(paymentService(), request));
