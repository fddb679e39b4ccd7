// What operators' commands may do with payments, and with the charges of the sandbox provider.

import { eventParking, type Parking } from "../../lib/outbox/parked.ts";
import { type OpenAggregates, storedAggregates } from "../../lib/outbox/stored.ts";
import { attemptNo, type Payment, type PaymentOutboxEvent, type Refund } from "./payment.ts";
import { checkNow } from "./payment-attempts.ts";
import { isUnanswered } from "./payment-checks.ts";
import { checkRefundNow, overdueRefunds, parkedRefunds, retryRefund } from "./payment-refunds.ts";
import { paymentStore } from "./payment-store.ts";
import { chargeStore } from "./providers/sandbox/sandbox.ts";
import { unmatchedParking } from "./unmatched.ts";
import { unmatchedStore } from "./unmatched-store.ts";

const events = eventParking<PaymentOutboxEvent, Payment>();

/** How operators list and retry what is parked of a payment. */
export const paymentParking: Parking<Payment> = {
  list: (payment) => [
    ...events.list(payment),
    ...parkedRefunds(payment).map((refund) => ({
      kind: "refund" as const,
      id: refund.id,
      since: refund.created_at,
      // `tries` counts the calls after which it was still open; the rejected one comes on top.
      tries: refund.tries + 1,
      error: "rejected by the provider",
    })),
    ...overdueRefunds(payment).map((refund) => ({
      kind: "refund" as const,
      id: refund.id,
      since: refund.created_at,
      tries: refund.tries,
      error: `${attemptNo(payment, refund.attempt)?.method ?? "the provider"} ${standing(refund)}`,
    })),
    ...payment.attempts.filter(isUnanswered).map((attempt) => ({
      kind: "check" as const,
      id: attempt.reference,
      since: attempt.expires_at,
      tries: attempt.checks,
      error: `${attempt.method} does not say how the attempt stands`,
    })),
  ],
  retry(payment, id, now) {
    if (payment.attempts.some(({ reference }) => reference === id)) return checkNow(payment, id, now);
    if (overdueRefunds(payment).some((refund) => refund.id === id)) return checkRefundNow(payment, id, now);
    const isRefund = parkedRefunds(payment).some((refund) => refund.id === id);
    return isRefund ? retryRefund(payment, id, now) : events.retry(payment, id, now);
  },
};

/** How an overdue refund stands at its provider. */
function standing({ abnormal, status }: Refund): string {
  if (abnormal === true) return "can't complete it: a person has to, there";
  return status === "due" ? "does not accept it" : "has accepted it, and does not complete it";
}

export const aggregates: OpenAggregates = (table) => [
  storedAggregates("payments", paymentStore(table("payments")), paymentParking),
  storedAggregates("unmatched", unmatchedStore(table("unmatched")), unmatchedParking),
  storedAggregates("sandbox", chargeStore(table("sandbox")), eventParking()),
];
