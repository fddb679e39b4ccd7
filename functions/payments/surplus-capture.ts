// A capture that its payment has no room for. A payment is bounded, and no capture may be dropped: what does not fit is kept
// as a payment of its own, which is given back and, should the provider refuse that, parked like any other.

import { iso } from "../../lib/core/iso.ts";
import { derivedId } from "../../lib/http/idempotency.ts";
import type { Attempt, Payment } from "./payment.ts";
import { requireRefund } from "./payment-refunds.ts";

/** Thrown by the rules, so that no caller can take a capture for recorded that is not. */
export class SurplusCapture extends Error {
  readonly code = "capture_surplus";
  /** The payment that is full, as it stands. */
  readonly payment: Payment;
  /** What has to be stored in order to keep the capture. */
  readonly surplus: Payment;

  constructor(payment: Payment, surplus: Payment) {
    super(`Payment ${payment.id} has no room for another capture`);
    this.name = "SurplusCapture";
    this.payment = payment;
    this.surplus = surplus;
  }
}

/** The id of the payment that keeps the surplus capture `transaction` of the payment `id`. */
export const surplusPaymentId = (id: string, transaction: string): string =>
  derivedId("surplus-capture", id, transaction);

/** A payment that holds nothing but `capture`, to be given back. Its id follows from the transaction, so there is one. */
export function surplusPayment(of: Payment, capture: Attempt, reason: string, now: number): Payment {
  const at = iso(now);
  const { order_id, user_id, seller_id, buyer_email, currency } = of;
  const surplus: Payment = {
    id: surplusPaymentId(of.id, capture.transaction_id ?? ""),
    order_id,
    user_id,
    seller_id,
    buyer_email,
    currency,
    attempts: [{ ...capture, no: 1, status: "captured", check_at: null }],
    refunds: [],
    seq: 0,
    history: [],
    created_at: at,
    updated_at: at,
    outbox: [],
  };
  // Its order does not know of it: there is no event to deliver, and no number to be counted.
  return { ...requireRefund(surplus, 1, reason, now), seq: 0, outbox: [] };
}
