// One command on one payment: read, decide by the rules, write on condition, hint the relay.

import { invalidValue, notFound, unavailable } from "../../lib/core/domain-error.ts";
import type { Scope } from "../../lib/core/scope.ts";
import { hintAfter } from "../../lib/outbox/hint.ts";
import type { Changed } from "../../lib/storage/aggregate-store.ts";
import { type ChargeReport, recordCharge } from "./charge-report.ts";
import type { Payment, PaymentMethod } from "./payment.ts";
import { openRefunds } from "./payment-refunds.ts";
import { changeKeepingSurplus } from "./payment-store.ts";
import type { PaymentPorts } from "./ports.ts";
import { type Provider, ProviderFailure } from "./providers/provider.ts";
import type { PaymentService } from "./service.ts";

/**
 * Applies `decide` to the payment `id`. It is called again when another write came between, so a command is refused by the
 * rules only, never because of a race.
 * @throws {DomainError} not found when there is no such payment.
 */
export async function changePayment(
  { store, ports }: PaymentService,
  id: string,
  scope: Scope,
  decide: (payment: Payment, now: number) => Payment,
): Promise<Changed<Payment>> {
  const done = await changeKeepingSurplus(store, id, scope.log, (payment) => decide(payment, ports.now()));
  if (!done) throw notFound("payment");
  await hintOf(ports, done, scope);
  return done;
}

/**
 * Records what a provider reports about a charge, and hints to the relay when that created work.
 * @throws {DomainError} not found when it matches no attempt of this provider and is not about money.
 */
export async function recordReport(
  service: PaymentService,
  report: ChargeReport,
  scope: Scope,
): Promise<void> {
  const done = await recordCharge(service, report, service.ports.now, scope);
  if (done) await hintOf(service.ports, done, scope);
}

const hintOf = ({ hint }: PaymentPorts, done: Changed<Payment>, scope: Scope): Promise<void> =>
  hintAfter(hint, done.state.id, done, scope, openRefunds(done.state).length > 0);

/** The provider of a payment method. @throws {DomainError} invalid `method_not_available` when it is not offered. */
export function providerFor(ports: Pick<PaymentPorts, "providers">, method: PaymentMethod): Provider {
  const provider = ports.providers.get(method);
  if (!provider) throw invalidValue("method_not_available", `The payment method ${method} is not available.`);
  return provider;
}

/** Awaits a provider's reply for a request. @throws {DomainError} unavailable when the provider does not reply. */
export async function callProvider<T>(scope: Scope, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    scope.log.warn({ err: error }, "a payment provider did not answer");
    throw unavailable(
      "provider_unavailable",
      `The provider of ${error.method} does not answer; try again later.`,
      3,
    );
  }
}
