// One command on one payment: read, decide by the rules, write on condition, hint the relay.

import { invalidValue, notFound, unavailable } from "../../lib/core/domain-error.ts";
import type { Scope } from "../../lib/core/scope.ts";
import type { Changed } from "../../lib/storage/aggregate-store.ts";
import { type ChargeReport, recordCharge } from "./charge-report.ts";
import type { Payment, PaymentMethod } from "./payment.ts";
import { openRefunds } from "./payment-refunds.ts";
import { changeKeepingSurplus } from "./payment-store.ts";
import type { PaymentPorts } from "./ports.ts";
import { type Provider, ProviderFailure } from "./providers/provider.ts";
import type { PaymentService } from "./service.ts";

/**
 * Applies `decide` to the payment `id`. The decision is repeated when another write came between; only the rules
 * refuse, never the race.
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
 * Records what a provider reports of a charge, and has what follows from it done.
 * @throws {DomainError} not found when it is of no attempt of this provider's, and no money either.
 */
export async function recordReport(
  service: PaymentService,
  report: ChargeReport,
  scope: Scope,
): Promise<void> {
  const done = await recordCharge(service, report, service.ports.now, scope);
  if (done) await hintOf(service.ports, done, scope);
}

async function hintOf({ hint }: PaymentPorts, { state, changed }: Changed<Payment>, scope: Scope) {
  if (changed && (state.outbox.length > 0 || openRefunds(state).length > 0)) {
    await hint(state.id, scope.traceparent);
  }
}

/** The provider behind a method of payment. @throws {DomainError} invalid when it is not offered here. */
export function providerFor(ports: Pick<PaymentPorts, "providers">, method: PaymentMethod): Provider {
  const provider = ports.providers.get(method);
  if (!provider) throw invalidValue("method_not_available", `Payments by ${method} are not offered here.`);
  return provider;
}

/** Waits for a provider's answer on behalf of a caller. @throws {DomainError} unavailable when it does not answer. */
export async function callProvider<T>(scope: Scope, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    scope.log.warn({ err: error }, "a payment provider did not answer");
    throw unavailable(
      "provider_unavailable",
      `The provider of ${error.method} does not answer; try again.`,
      3,
    );
  }
}
