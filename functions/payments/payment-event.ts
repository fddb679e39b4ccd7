// The payment event: a payment's state as an event for its order. It is cumulative, so only the one with the highest `seq` counts.

import type { BodyInput } from "../../lib/contract/route.ts";
import { iso } from "../../lib/core/iso.ts";
import { leaseToWire } from "../lease-names.ts";
import type { orders } from "../orders/contract.ts";
import {
  type Attempt,
  acceptedCapture,
  changedAt,
  liveAttempt,
  type Payment,
  refundedOf,
} from "./payment.ts";
import { checkDue } from "./payment-checks.ts";

type PaymentEvent = BodyInput<typeof orders.routes.applyPaymentEvent>;

/** How much longer than the next check of an attempt its order waits, in milliseconds: two sweeps on AWS. */
export const WAIT_BEYOND_MS = 120_000;

/** The payment event of the present state. It does not mention a capture that has to be refunded anyway. */
export function paymentEvent(payment: Payment): PaymentEvent {
  const capture = acceptedCapture(payment);
  const known = { payment_id: payment.id, seq: payment.seq, changed_at: changedAt(payment) };
  if (!capture) {
    const live = liveAttempt(payment);
    return {
      ...known,
      attempt: null,
      state: live ? "open" : "ended",
      ...(live ? goesOn(live) : {}),
      captured_amount: 0,
      refunded_amount: 0,
      currency: payment.currency,
    };
  }
  return {
    ...known,
    attempt: capture.no,
    state: "captured",
    captured_amount: capture.captured_amount,
    refunded_amount: refundedOf(payment, capture.no),
    currency: capture.captured_currency ?? payment.currency,
  };
}

/** Until when the order has to wait for an attempt that is still open after its time. */
function goesOn(attempt: Attempt): Partial<ReturnType<typeof leaseToWire>> {
  const next = checkDue(attempt) ?? 0;
  return next > Date.parse(attempt.expires_at) ? leaseToWire(iso(next + WAIT_BEYOND_MS)) : {};
}
