// The events that parties of an order are notified of, each named here and nowhere else: contracts, rules, state machines and
// texts derive their types from these lists. A new event must be understood by NotificationService one version before it is
// sent (docs/decisions/008-parked-events.md).

import type { Locale } from "../lib/core/locales.ts";

const ORDER_EVENTS = ["order.created", "order.paid", "order.cancelled", "order.completed"] as const;

const PAYMENT_EVENTS = ["payment.failed", "payment.refunded"] as const;

export const EVENTS = [...ORDER_EVENTS, ...PAYMENT_EVENTS] as const;

// Names of events for parties. A payment event, for the payment's order, is another thing: payments/payment-event.ts.
export type OrderEventName = (typeof ORDER_EVENTS)[number];
export type PaymentEventName = (typeof PAYMENT_EVENTS)[number];
export type EventName = (typeof EVENTS)[number];

/** The parts that parties have in an order. */
export const ROLES = ["buyer", "seller"] as const;

export type Role = (typeof ROLES)[number];

/** One who is notified. `email` is a verified address that came with the order, `locale` the language in which it was placed, if known. */
export interface Party {
  readonly user_id: string;
  readonly role: Role;
  readonly email: string | null;
  readonly locale?: Locale;
}

/** The buyer, and the seller if there is one. No user is both: a seller who is also the buyer (orders of earlier versions) counts as buyer. */
export function partiesOf(buyer: Omit<Party, "role">, sellerId: string | null): Party[] {
  const parties: Party[] = [{ ...buyer, role: "buyer" }];
  if (sellerId === null || sellerId === buyer.user_id) return parties;
  return [...parties, { user_id: sellerId, role: "seller", email: null }];
}

/** Why an order was cancelled: the `reason` of `order.cancelled`. */
export const CANCEL_CAUSES = [
  "cancelled by the buyer",
  "cancelled by the seller",
  "deleted",
  "expired",
] as const;

export type CancelCause = (typeof CANCEL_CAUSES)[number];

/**
 * Why the system itself refunds a capture: the `reason` of `payment.refunded`. Rules take the texts from here, and
 * notifications show them.
 */
export const REFUND_CAUSE = {
  paid_twice: "it was paid twice",
  already_paid: "the order is paid already",
  refused_before: "it was refused before",
  other_amount: "the amount is not the order's",
  other_currency: "the currency is not the order's",
  attempt_closed: "it came after the attempt was closed",
  attempt_failed: "it came after the attempt had failed",
  order_paid: "the order is paid",
  order_completed: "the order is completed",
  order_cancelled: "the order is cancelled",
  order_refunded: "the order is refunded",
  order_missing: "there is no such order",
} as const;

export type RefundCause = (typeof REFUND_CAUSE)[keyof typeof REFUND_CAUSE];

export const REFUND_CAUSES: readonly RefundCause[] = Object.values(REFUND_CAUSE);

export type Cause = CancelCause | RefundCause;

/** What earlier versions stored and sent as a cause, with the words of this one. */
const EARLIER_CAUSES: ReadonlyMap<string | undefined, Cause> = new Map([
  ["it came after the attempt was failed", REFUND_CAUSE.attempt_failed],
]);

/**
 * The cause that `text` gives, else undefined. Only the causes above are shown in a notification: a user's own text would
 * reach another user in this system's name. Events stored by the previous version may contain such a text.
 */
export const causeOf = (text: string | undefined): Cause | undefined =>
  [...CANCEL_CAUSES, ...REFUND_CAUSES].find((cause) => cause === text) ?? EARLIER_CAUSES.get(text);
