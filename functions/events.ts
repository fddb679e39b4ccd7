// The events that parties of an order are notified of, each named here and nowhere else: contracts, rules, state machines and
// texts derive their types from these lists. A new event must be understood by NotificationService one version before it is
// sent (docs/decisions/008-parked-events.md).

export const ORDER_EVENTS = ["order.created", "order.paid", "order.cancelled", "order.completed"] as const;

export const PAYMENT_EVENTS = ["payment.failed", "payment.refunded"] as const;

export const EVENTS = [...ORDER_EVENTS, ...PAYMENT_EVENTS] as const;

export type OrderEventName = (typeof ORDER_EVENTS)[number];
export type PaymentEventName = (typeof PAYMENT_EVENTS)[number];
export type EventName = (typeof EVENTS)[number];

/** The parts that parties have in an order. */
export const ROLES = ["buyer", "seller"] as const;

export type Role = (typeof ROLES)[number];

/** One who is notified; `email` is a verified address that came with the order, if any. */
export interface Party {
  readonly user_id: string;
  readonly role: Role;
  readonly email: string | null;
}

/** The buyer, and the seller where there is one. Nobody is both, though orders of earlier versions may say so. */
export function partiesOf(buyerId: string, buyerEmail: string | null, sellerId: string | null): Party[] {
  const buyer: Party = { user_id: buyerId, role: "buyer", email: buyerEmail };
  if (sellerId === null || sellerId === buyerId) return [buyer];
  return [buyer, { user_id: sellerId, role: "seller", email: null }];
}

/** How an order came to be cancelled: the `reason` of `order.cancelled`. */
export const CANCEL_CAUSES = [
  "cancelled by the buyer",
  "cancelled by the seller",
  "deleted",
  "expired",
] as const;

export type CancelCause = (typeof CANCEL_CAUSES)[number];

/** Why the system itself gave a capture back: the `reason` of `payment.refunded`. */
export const REFUND_CAUSES = [
  "it was paid twice",
  "the order is paid already",
  "the order is paid",
  "the order is completed",
  "the order is cancelled",
  "the order is refunded",
  "it was refused before",
  "the amount is not the order's",
  "the currency is not the order's",
  "it came after the attempt was closed",
  "it came after the attempt was failed",
  "there is no such order",
] as const;

export type Cause = CancelCause | (typeof REFUND_CAUSES)[number];

/**
 * `text` if it is one of the causes above: only these reach a notification. What a person wrote would reach somebody else in
 * this system's name, and events that the version before stored may hold such a text.
 */
export const causeOf = (text: string | undefined): Cause | undefined =>
  [...CANCEL_CAUSES, ...REFUND_CAUSES].find((cause) => cause === text);
