// Where a payment, its provider and its order disagree. Pure.

import type { Order } from "../../functions/orders/order.ts";
import {
  type Attempt,
  acceptedCapture,
  isLive,
  leftOf,
  type Payment,
  type Refund,
  refundedOf,
} from "../../functions/payments/payment.ts";
import { openRefunds, parkedRefunds } from "../../functions/payments/payment-refunds.ts";
import { isSurplus } from "../../functions/payments/payment-store.ts";
import type { ChargeState, RefundAnswer } from "../../functions/payments/providers/provider.ts";
import { formatAmount } from "../../lib/money/money.ts";

export type DisagreementKind =
  /** Money was captured and not refunded, and the order is not paid. */
  | "order_not_paid"
  /** All was refunded, and the order does not say so. */
  | "order_not_refunded"
  /** The order is paid, and no capture pays it. */
  | "order_paid_without_capture"
  /** The provider has a capture that is not recorded here. */
  | "capture_unknown"
  /** A capture is recorded here that the provider does not have. */
  | "capture_missing"
  | "amount_differs"
  /** A capture that does not pay the order is not refunded, nor on its way. */
  | "capture_not_refunded"
  | "refund_stuck"
  | "refund_rejected"
  /** Provider and payment disagree on a refund. */
  | "refund_differs"
  /** An attempt is still open long after its time. */
  | "attempt_overdue"
  /** The provider refunded money, and no refund was requested here. */
  | "refund_unknown"
  /** The provider says that money was taken, in a way that can't be recorded. */
  | "capture_unreadable"
  /** The provider reported money that no payment takes; nobody has settled it yet. */
  | "unmatched"
  /** The provider has a capture that belongs to no payment. */
  | "capture_without_payment"
  /** The provider did not answer, so nothing is known. */
  | "provider_silent";

export interface Disagreement {
  readonly kind: DisagreementKind;
  readonly payment_id: string | null;
  readonly order_id: string | null;
  /** The attempt's name at the provider, or the refund's id. */
  readonly at_provider: string | null;
  readonly detail: string;
}

/** `silent`: the provider did not answer, or is not configured here. */
export interface Facts {
  readonly order: Order | undefined;
  readonly charges: ReadonlyMap<string, ChargeState | "silent">;
  readonly refunds: ReadonlyMap<string, RefundAnswer | "unknown" | "silent">;
}

/** A refund or an ended attempt that is not settled after this time is not just under way. */
const STUCK_MS = 15 * 60_000;

/** All that disagrees about `payment` at `now` (epoch milliseconds). */
export function disagreementsOf(payment: Payment, facts: Facts, now: number): Disagreement[] {
  const say = (kind: DisagreementKind, detail: string, at_provider: string | null = null) => ({
    kind,
    payment_id: payment.id,
    order_id: payment.order_id,
    at_provider,
    detail,
  });
  return [
    // A surplus capture pays no order, and the provider knows its charge by the first transaction.
    ...(isSurplus(payment) ? [] : orderDisagreements(payment, facts.order)).map(([kind, detail]) =>
      say(kind, detail),
    ),
    ...payment.attempts.flatMap((attempt) =>
      attemptDisagreements(payment, attempt, facts.charges.get(attempt.reference) ?? "silent", now).map(
        ([kind, detail]) => say(kind, detail, attempt.reference),
      ),
    ),
    ...payment.refunds.flatMap((refund) =>
      refundDisagreements(payment, refund, facts.refunds.get(refund.id), now).map(([kind, detail]) =>
        say(kind, detail, refund.id),
      ),
    ),
  ];
}

type Found = readonly [DisagreementKind, string];

function orderDisagreements(payment: Payment, order: Order | undefined): Found[] {
  const capture = acceptedCapture(payment);
  const status = order?.status ?? "missing";
  const settled = status === "paid" || status === "completed" || status === "refunded";
  if (!capture) return settled ? [["order_paid_without_capture", `the order is ${status}`]] : [];
  const captured = formatAmount(capture.captured_amount);
  if (refundedOf(payment, capture.no) >= capture.captured_amount) {
    return status === "refunded" ? [] : [["order_not_refunded", `${captured} refunded, order ${status}`]];
  }
  if (status !== "paid" && status !== "completed") {
    return [["order_not_paid", `${captured} captured, order ${status}`]];
  }
  if (order && (order.total !== capture.captured_amount || order.currency !== capture.captured_currency)) {
    const total = `${formatAmount(order.total)} ${order.currency}`;
    return [
      ["amount_differs", `${captured} ${capture.captured_currency} captured, the order costs ${total}`],
    ];
  }
  return [];
}

function attemptDisagreements(
  payment: Payment,
  attempt: Attempt,
  charge: ChargeState | "silent",
  now: number,
): Found[] {
  const found: Found[] = [];
  if (isLive(attempt) && Date.parse(attempt.expires_at) + STUCK_MS < now) {
    found.push(["attempt_overdue", `${attempt.status} since ${attempt.created_at}`]);
  }
  if (attempt.refund_required !== null && leftOf(payment, attempt) > 0) {
    found.push([
      "capture_not_refunded",
      `${formatAmount(leftOf(payment, attempt))}: ${attempt.refund_required}`,
    ]);
  }
  if (charge === "silent") return [...found, ["provider_silent", `${attempt.method} did not answer`]];
  return isSurplus(payment) ? found : [...found, ...captureDisagreements(payment, attempt, charge)];
}

function captureDisagreements(payment: Payment, attempt: Attempt, charge: ChargeState): Found[] {
  const sameCharge = payment.attempts.filter(({ reference }) => reference === attempt.reference);
  if (charge.state === "unreadable") {
    const { amount, currency, transaction_id: named } = charge.reported;
    return [
      [
        "capture_unreadable",
        `${attempt.method} says ${amount || "no amount"} ${currency}, as ${named || "nothing"}`,
      ],
    ];
  }
  if (charge.state !== "captured") {
    // Alipay calls a trade closed once all of it was refunded.
    const gone = charge.state === "closed" && refundedOf(payment, attempt.no) >= attempt.captured_amount;
    if (attempt.status !== "captured" || gone) return [];
    return [["capture_missing", `${attempt.method} says ${charge.state}`]];
  }
  const { transaction_id, amount, currency } = charge;
  const report = `${attempt.method} captured ${formatAmount(amount)} ${currency} as ${transaction_id}`;
  const known = sameCharge.find((one) => one.transaction_id === transaction_id);
  if (!known) return attempt === sameCharge[0] ? [["capture_unknown", report]] : [];
  if (known !== attempt) return [];
  const same = known.captured_amount === amount && known.captured_currency === currency;
  const ours = `${formatAmount(known.captured_amount)} ${known.captured_currency}`;
  const found: Found[] = same ? [] : [["amount_differs", `${report}, we have ${ours}`]];
  const requested = payment.refunds.some(
    (refund) => refund.attempt === known.no && refund.status !== "rejected",
  );
  return charge.refunded === true && !requested
    ? [...found, ["refund_unknown", `${report}, and refunded some of it`]]
    : found;
}

function refundDisagreements(
  payment: Payment,
  refund: Refund,
  answer: RefundAnswer | "unknown" | "silent" | undefined,
  now: number,
): Found[] {
  const what = `${formatAmount(refund.amount)} ${refund.automatic ? "owed" : "requested"}: ${refund.reason}`;
  if (answer === undefined || answer === "silent") return [["provider_silent", `refund of ${what}`]];
  const parked = parkedRefunds(payment).some(({ id }) => id === refund.id);
  if (parked) return [["refund_rejected", what]];
  const done = refund.status === "done";
  if (done !== (answer === "done") && !openRefunds(payment).includes(refund)) {
    return [["refund_differs", `${what}; we say ${refund.status}, the provider ${answer}`]];
  }
  if (answer === "abnormal")
    return [["refund_stuck", `${what}; the provider can't complete it without a person`]];
  const late = !done && refund.status !== "rejected" && Date.parse(refund.created_at) + STUCK_MS < now;
  return late ? [["refund_stuck", `${what}; ${refund.status} since ${refund.created_at}`]] : [];
}
