// Records what a provider reports about a charge, by callback or in reply to a query: in its payment, or as an unmatched
// transaction when no payment takes it. All reports go this way, so that no report of money is lost.

import { DomainError, notFound } from "../../lib/core/domain-error.ts";
import type { Scope } from "../../lib/core/scope.ts";
import { formatAmount } from "../../lib/money/money.ts";
import type { Changed } from "../../lib/storage/aggregate-store.ts";
import { attemptOf, type Payment } from "./payment.ts";
import { applyCharge } from "./payment-attempts.ts";
import { changeKeepingSurplus, type PaymentStore } from "./payment-store.ts";
import type { ChargeState, Notice, Reported } from "./providers/provider.ts";
import { paymentIdOf } from "./reference.ts";
import type { Unmatched } from "./unmatched.ts";
import type { UnmatchedStore } from "./unmatched-store.ts";

export interface ChargeReport {
  readonly method: string;
  readonly reference: string;
  readonly charge: ChargeState;
  /** The signed text that says so, of a callback. */
  readonly text?: string;
}

export interface ReportStores {
  readonly store: PaymentStore;
  readonly unmatched: UnmatchedStore;
}

/**
 * Records a report durably. Returns the changed payment; undefined when the report is about money and was stored as an
 * unmatched transaction. One that contradicts what is recorded of its transaction changes no payment, and is stored as well.
 * @throws {DomainError} not found when it matches no attempt of this provider and is not about money.
 */
export async function recordCharge(
  stores: ReportStores,
  report: ChargeReport,
  clock: () => number,
  scope: Scope,
): Promise<Changed<Payment> | undefined> {
  const { method, reference, charge, text } = report;
  const keepCapture = (reason: string, reported: Reported) =>
    keep(stores.unmatched, { method, kind: "capture", reason, reported, text }, clock(), scope);
  if (charge.state === "unreadable") {
    await keepCapture(
      "it says neither by which transaction nor how much in a way that can be recorded",
      charge.reported,
    );
    return undefined;
  }
  try {
    const done = await place(stores.store, report, clock, scope);
    if (charge.state === "captured" && contradicts(done.state, charge)) {
      await keepCapture("its transaction is recorded with another amount", reportedOf(reference, charge));
    }
    return done;
  } catch (error) {
    if (charge.state !== "captured" || !isNotFound(error)) throw error;
    await keepCapture(
      `no payment has an attempt by ${method} with this reference`,
      reportedOf(reference, charge),
    );
    return undefined;
  }
}

/** Stores a signed callback that can't be read as an unmatched transaction. */
export const keepUnreadable = (
  { unmatched }: ReportStores,
  method: string,
  { reported, content, text }: Extract<Notice, { about: "unreadable" }>,
  now: number,
  scope: Scope,
): Promise<void> =>
  keep(
    unmatched,
    { method, kind: "callback", reason: "it can't be read", reported, content, text },
    now,
    scope,
  );

/** Stores a refund that no payment has requested as an unmatched transaction: it was made at the provider, by hand or as a charge-back. */
export const keepForeignRefund = (
  { unmatched }: ReportStores,
  method: string,
  { reported, text }: Extract<Notice, { about: "refund" }>,
  now: number,
  scope: Scope,
): Promise<void> =>
  keep(
    unmatched,
    { method, kind: "refund", reason: "no payment has asked for it", reported, text },
    now,
    scope,
  );

const keep = (store: UnmatchedStore, unmatched: Unmatched, now: number, { log }: Scope): Promise<void> =>
  store.keep(unmatched, now, log);

async function place(
  store: PaymentStore,
  { method, reference, charge }: ChargeReport,
  clock: () => number,
  scope: Scope,
) {
  const id = paymentIdOf(reference);
  const done =
    id === undefined
      ? undefined
      : await changeKeepingSurplus(store, id, scope.log, (payment) => {
          // A provider may only report on its own attempts.
          if (attemptOf(payment, reference).method !== method) throw notFound("payment attempt");
          return applyCharge(payment, reference, charge, clock());
        });
  if (!done) throw notFound("payment attempt");
  return done;
}

type Capture = Extract<ChargeState, { state: "captured" }>;

/** True when the transaction is recorded, and not over the money that is reported now. */
const contradicts = ({ attempts }: Payment, { transaction_id, amount, currency }: Capture): boolean =>
  attempts.some(
    (attempt) =>
      attempt.transaction_id === transaction_id &&
      (attempt.captured_amount !== amount || attempt.captured_currency !== currency),
  );

const isNotFound = (error: unknown): boolean => error instanceof DomainError && error.kind === "not_found";

const reportedOf = (reference: string, charge: Capture): Reported => ({
  reference,
  transaction_id: charge.transaction_id,
  amount: formatAmount(charge.amount),
  currency: charge.currency,
});
