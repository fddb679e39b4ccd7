// A capture that its payment has no room for. A payment's size is bounded, and no capture may be dropped: a surplus capture is
// stored as a payment of its own and refunded; if the provider rejects that refund, it is parked like any other.

import { derivedId } from "../../lib/core/ids.ts";
import { timeAfter } from "../../lib/core/time-after.ts";
import { type Attempt, changedAt, type Payment } from "./payment.ts";
import { requireRefund } from "./payment-refunds.ts";

/** Thrown by the rules, so that no caller can treat such a capture as recorded. */
export class SurplusCapture extends Error {
  readonly code = "capture_surplus";
  /** The payment that is full. */
  readonly payment: Payment;
  /** The payment to store for the capture. */
  readonly surplus: Payment;

  constructor(payment: Payment, surplus: Payment) {
    super(`Payment ${payment.id} has no room for another capture`);
    this.name = "SurplusCapture";
    this.payment = payment;
    this.surplus = surplus;
  }
}

/** The id of the payment that holds the surplus capture `transaction` of the payment `id`. */
export const surplusPaymentId = (id: string, transaction: string): string =>
  derivedId("surplus-capture", id, transaction);

/** A payment that holds only `capture`, to be refunded. Its id is derived from the transaction, so there is one per transaction. */
export function surplusPayment(of: Payment, capture: Attempt, reason: string, now: number): Payment {
  const at = timeAfter(now, changedAt(of));
  const { order_id, user_id, seller_id, buyer_email, buyer_locale, currency } = of;
  const surplus: Payment = {
    id: surplusPaymentId(of.id, capture.transaction_id ?? ""),
    order_id,
    user_id,
    seller_id,
    buyer_email,
    ...(buyer_locale === undefined ? {} : { buyer_locale }),
    currency,
    attempts: [{ ...capture, no: 1, status: "captured", check_at: null }],
    refunds: [],
    seq: 0,
    history: [],
    created_at: at,
    updated_at: at,
    outbox: [],
  };
  // The order does not know it: there is no event for the order, and `seq` stays 0.
  return { ...requireRefund(surplus, 1, reason, now), seq: 0, outbox: [] };
}
