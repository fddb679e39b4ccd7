// POST /api/payments/callback/{method}/

import { DomainError, notFound } from "../../../lib/core/domain-error.ts";
import type { Scope } from "../../../lib/core/scope.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import type { Minor } from "../../../lib/money/money.ts";
import { keepForeignRefund, keepUnreadable } from "../charge-report.ts";
import { callProvider, changePayment, recordReport } from "../command.ts";
import { payments } from "../contract.ts";
import { leftOf, type Payment, type Refund } from "../payment.ts";
import { checkRefundNow, correctRefund, refundOrder } from "../payment-refunds.ts";
import type { Notice, Provider } from "../providers/provider.ts";
import { paymentIdOf } from "../reference.ts";
import { type PaymentService, paymentService } from "../service.ts";
import { surplusPaymentId } from "../surplus-capture.ts";

const route = payments.routes.callback;
type Request = Pick<HttpRequest<typeof route>, "params" | "headers" | "rawBody" | "scope">;

/** A callback whose signature is older or newer than this, in milliseconds, may be a replay, so the provider is queried. */
const TRUSTED_MS = 5 * 60_000;

/**
 * Verifies a callback's signature, and replies in the format of its provider after the content is stored durably: in its
 * payment, or as an unmatched transaction (charge-report.ts).
 */
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
  const notice = await provider.parseCallback(headers, rawBody);
  const { method } = provider;
  switch (notice.about) {
    case "charge":
      return recordReport(service, { ...(await believed(service, provider, notice, scope)), method }, scope);
    case "refund":
      return applyRefundNotice(service, provider, notice, scope);
    case "unreadable":
      return keepUnreadable(service, method, notice, service.ports.now(), scope);
    case "other":
      scope.log.info({ method }, "a callback does not concern payments");
  }
}

/** The charge's state as the notice reports it; if the notice is not recent, as the provider reports it on a query. */
async function believed(
  { ports }: PaymentService,
  provider: Provider,
  { reference, charge, text, sent_at }: Extract<Notice, { about: "charge" }>,
  scope: Scope,
) {
  const timely = Math.abs(ports.now() - sent_at) <= TRUSTED_MS;
  return timely
    ? { reference, charge, text }
    : { reference, charge: await callProvider(scope, provider.query(reference)) };
}

/**
 * Makes the changed refund due for a check at once; one that was rejected is done if its provider says so when it is queried. A refund
 * that no payment has requested, or that came beside the one that took its place, is stored as an unmatched transaction.
 */
async function applyRefundNotice(
  service: PaymentService,
  provider: Provider,
  notice: Extract<Notice, { about: "refund" }>,
  scope: Scope,
): Promise<void> {
  const { method } = provider;
  const { reported, capture, inAll } = notice;
  const { reference, transaction_id: refundId } = reported;
  const id = paymentIdOf(reference);
  for (const candidate of id === undefined ? [] : [id, surplusPaymentId(id, capture)]) {
    const payment = await service.store.read(candidate);
    if (!payment) continue;
    if (inAll !== undefined && explains(payment, reference, method, inAll)) return;
    const refund = payment.refunds.find((known) => known.id === refundId);
    const ours = payment.attempts.some((one) => one.reference === reference && one.method === method);
    if (refund && ours && (await hear(service, provider, { payment, refund }, scope))) return;
  }
  await keepForeignRefund(service, method, notice, service.ports.now(), scope);
}

/** Takes note that a refund has changed. Returns false when it was rejected, is made, and there is no place for it in the payment any more. */
async function hear(
  service: PaymentService,
  provider: Provider,
  { payment, refund }: { readonly payment: Payment; readonly refund: Refund },
  scope: Scope,
): Promise<boolean> {
  const rejected = refund.status === "rejected";
  if (rejected) {
    const { method: _, ...order } = refundOrder(payment, refund);
    if ((await callProvider(scope, provider.queryRefund(order))) !== "done") return true;
  }
  const heard = rejected ? correctRefund : checkRefundNow;
  const { state } = await changePayment(service, payment.id, scope, (current, now) =>
    heard(current, refund.id, now),
  );
  return !rejected || state.refunds.some(({ id, status }) => id === refund.id && status === "done");
}

/** True when the refunds that were requested here of a capture of this attempt are as much as the provider says it has refunded. */
const explains = (payment: Payment, reference: string, method: string, inAll: Minor): boolean =>
  payment.attempts.some(
    (attempt) =>
      attempt.reference === reference &&
      attempt.method === method &&
      attempt.captured_amount - leftOf(payment, attempt) >= inAll,
  );

export const handler = httpHandler(payments, route, (request) => handle(paymentService(), request));
