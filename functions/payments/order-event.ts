// How a payment stands, as its order is told: cumulative, so only the one with the highest `seq` counts.

import type { BodyInput } from "../../lib/contract/route.ts";
import type { orders } from "../orders/contract.ts";
import { acceptedCapture, liveAttempt, type Payment, refundedOf } from "./payment.ts";

type OrderEvent = BodyInput<typeof orders.routes.applyPaymentEvent>;

/** The event for the payment's present state. A capture that is given back anyway is not spoken of. */
export function orderEvent(payment: Payment): OrderEvent {
  const capture = acceptedCapture(payment);
  const known = { payment_id: payment.id, seq: payment.seq };
  if (!capture) {
    const state = liveAttempt(payment) ? "open" : "ended";
    return {
      ...known,
      attempt: null,
      state,
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
