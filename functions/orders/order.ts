// The rules of an order: pure functions from a state and a command to the next state, or a refusal.

import type { User } from "../../lib/auth/caller.ts";
import { sellsAs } from "../../lib/auth/scopes.ts";
import { conflict, forbidden, invalidValue, notFound, stale } from "../../lib/core/domain-error.ts";
import { iso } from "../../lib/core/iso.ts";
import type { Locale } from "../../lib/core/locales.ts";
import { requireTarget, targetOf } from "../../lib/core/rules.ts";
import { latest, timeAfter } from "../../lib/core/time-after.ts";
import { MAX_AMOUNT, type Minor } from "../../lib/money/money.ts";
import { enqueue, type Outbox } from "../../lib/outbox/outbox.ts";
import type { CancelCause, OrderEventName, Role } from "../events.ts";
import { ORDER_RULES, type OrderCommand } from "./order-machine.ts";
import type { OrderStatus } from "./order-status.ts";

export type { OrderStatus };

export interface OrderLine {
  readonly product_id: string;
  readonly name: string;
  readonly unit_price: Minor;
  readonly quantity: number;
}

export interface Shipping {
  readonly name: string;
  readonly phone: string;
  readonly address: string;
  readonly postal_code: string;
}

/**
 * An outbox event of an order, for the parties; NotificationService creates one notification for each. It has no text written
 * by a user, which would reach another user in this system's name; events stored by the previous version may have one as
 * `reason`.
 */
export interface OrderOutboxEvent {
  readonly event: OrderEventName;
  readonly data: { readonly reason?: string };
}

/** The user who sends a command, from their token. */
export type Actor = Pick<User, "id" | "scopes">;

/** What the order knows about its payment. */
export interface OrderPayment {
  readonly id: string;
  /** `seq` of the newest payment event applied; 0 before the first. */
  readonly seq: number;
  /** When the payment last changed, by that event. What the order does after it is later. Not in events of earlier versions. */
  readonly changed_at?: string;
  /** End of the payment lease: until then an attempt may be live, so the order's money must not change. */
  readonly lease_until: string | null;
  /** The attempt that paid the order. */
  readonly attempt: number | null;
  /** Attempts whose capture was refused while the order was pending: they are refunded, so they never pay the order. */
  readonly refused: readonly number[];
  /** Fencing: events up to this `seq` belong to attempts before the present lease, so they do not end it. */
  readonly fencing_seq?: number;
  /** Set while the lease is one request's alone, which may give it back; `first`: by it the order heard of a payment. */
  readonly lease_alone?: { readonly holder: string; readonly first: boolean };
}

export interface Order {
  readonly id: string;
  readonly status: OrderStatus;
  readonly buyer_id: string;
  readonly seller_id: string | null;
  /** Address from the buyer's token, for mail about this order; not shown to anyone. */
  readonly buyer_email: string | null;
  /** The language in which the buyer placed it, if it is known; not in orders of earlier versions. */
  readonly buyer_locale?: Locale;
  readonly customer_name: string;
  readonly currency: string;
  readonly total: Minor;
  readonly lines: readonly OrderLine[];
  readonly shipping: Shipping | null;
  readonly remark: string;
  readonly cancel_reason: string | null;
  readonly payment: OrderPayment | null;
  readonly history: readonly { readonly at: string; readonly status: OrderStatus; readonly note: string }[];
  /** The revision: counts the changes that users can see. */
  readonly revision: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly paid_at: string | null;
  readonly expires_at: string;
  /** Set on a tombstone: the order is hidden, but kept for late payments and repeated requests. */
  readonly deleted_at: string | null;
  /** Fingerprint of the body of the creating request. */
  readonly fingerprint: string;
  readonly outbox: Outbox<OrderOutboxEvent>;
}

/** The fields that a buyer may set. */
export interface OrderDetails {
  readonly customer_name: string;
  readonly lines: readonly OrderLine[];
  readonly total: Minor;
  readonly shipping: Shipping | null;
  readonly remark: string;
}

export interface NewOrder extends OrderDetails {
  readonly id: string;
  readonly buyer_id: string;
  readonly buyer_email: string | null;
  readonly buyer_locale?: Locale;
  readonly seller_id: string | null;
  readonly currency: string;
  readonly fingerprint: string;
  /** Milliseconds after which it is cancelled if it is not paid. */
  readonly lifetime: number;
}

const HISTORY_LIMIT = 50;

/** Milliseconds between the end of the payment lease and the earliest expiry: clocks of two machines differ. */
export const EXPIRY_MARGIN_MS = 30_000;

/** A new, pending order. @throws {DomainError} invalid `seller_is_buyer` when the buyer is named as the seller. */
export function createOrder(details: NewOrder, now: number): Order {
  const { lifetime, ...given } = details;
  if (given.seller_id === given.buyer_id) {
    const message = "must not be the buyer";
    throw invalidValue("seller_is_buyer", "The buyer can't be the seller.", [{ path: "seller_id", message }]);
  }
  const at = iso(now);
  const order: Order = {
    ...given,
    status: "pending",
    cancel_reason: null,
    payment: null,
    history: [{ at, status: "pending", note: "created" }],
    revision: 1,
    created_at: at,
    updated_at: at,
    paid_at: null,
    expires_at: iso(now + lifetime),
    deleted_at: null,
    outbox: [],
  };
  return withEvent(order, "order.created", now);
}

/**
 * The total of `lines`, or `stated` when there are none.
 * @throws {DomainError} invalid `total_missing` when there is neither, `total_mismatch` when both differ, `total_too_large`.
 */
export function totalOf(lines: readonly OrderLine[] | undefined, stated: Minor | undefined): Minor {
  if (!lines) {
    if (stated === undefined) throw invalidValue("total_missing", "Give `items` or a `total_amount`.");
    return stated;
  }
  const total = lines.reduce((sum, line) => sum + line.unit_price * line.quantity, 0);
  if (total > MAX_AMOUNT) throw invalidValue("total_too_large", "The total may be at most 1000000000.00.");
  if (stated !== undefined && stated !== total) {
    throw invalidValue("total_mismatch", "`total_amount` is not the sum of the items; leave it out.");
  }
  return total;
}

/** Edits a pending order; fields not in `changes` are kept. */
export function editOrder(order: Order, changes: Partial<OrderDetails>, now: number): Order {
  requireRule(order, "edit");
  const edited: Order = { ...order, ...changes };
  const money = edited.total !== order.total || JSON.stringify(edited.lines) !== JSON.stringify(order.lines);
  if (money && paymentIsLive(order, now)) {
    throw conflict("payment_in_progress", "Items and total can't be changed during a payment.");
  }
  return JSON.stringify(edited) === JSON.stringify(order) ? order : revised(edited, now, "edited");
}

/** Cancels a pending order; `reason` is the party's own text. A payment that is captured later is refunded. */
export function cancelOrder(order: Order, by: Role, reason: string | undefined, now: number): Order {
  return ended(order, "cancel", `cancelled by the ${by}`, now, reason);
}

/** Completes a paid order. */
export function completeOrder(order: Order, now: number): Order {
  return withEvent(step(order, "complete", now, "completed"), ORDER_RULES.complete.event, now);
}

/** Hides an order; a pending one is cancelled first. */
export function deleteOrder(order: Order, now: number): Order {
  const over = requireRule(order, "delete") === order.status ? order : ended(order, "cancel", "deleted", now);
  const deleted = revised(over, now, "deleted");
  return { ...deleted, deleted_at: deleted.updated_at };
}

/** Cancels an order whose time is over; returns the same order if it is not. */
export function expireOrder(order: Order, now: number): Order {
  const due = expiryOf(order);
  if (due === undefined || due > now) return order;
  return ended(order, "expire", "expired", now);
}

function ended(
  order: Order,
  command: "cancel" | "expire",
  cause: CancelCause,
  now: number,
  reason: string = cause,
): Order {
  const cancelled = step({ ...order, cancel_reason: reason }, command, now, reason);
  return withEvent(cancelled, ORDER_RULES[command].event, now, { reason: cause });
}

/** When a pending order expires, in epoch milliseconds: not before the end of its payment lease. Undefined for other orders. */
export function expiryOf(order: Order): number | undefined {
  if (targetOf(ORDER_RULES.expire, order.status) === undefined) return undefined;
  const attemptEnd = order.payment?.lease_until
    ? Date.parse(order.payment.lease_until) + EXPIRY_MARGIN_MS
    : 0;
  return Math.max(Date.parse(order.expires_at), attemptEnd);
}

/** True while a payment attempt may be live. */
function paymentIsLive(order: Order, now: number): boolean {
  const until = order.payment?.lease_until;
  return until != null && Date.parse(until) > now;
}

/** When the order, or what it knows of its payment, last changed; in orders of earlier versions the history may go back in time. */
export const changedAt = ({ updated_at, payment, history }: Order): string =>
  latest(updated_at, payment?.changed_at, ...history.map(({ at }) => at));

/** The order with the next revision and `note` in its history: one more change that users can see. */
export function revised(order: Order, now: number, note: string): Order {
  const at = timeAfter(now, changedAt(order));
  return {
    ...order,
    revision: order.revision + 1,
    updated_at: at,
    history: [...order.history, { at, status: order.status, note }].slice(-HISTORY_LIMIT),
  };
}

/** Applies `command` to the order's status and adds `note` to its history. @throws {DomainError} conflict when its table row refuses the command. */
export const step = (order: Order, command: OrderCommand, now: number, note: string): Order =>
  revised({ ...order, status: requireRule(order, command) }, now, note);

/** The status that `command` leads to. @throws {DomainError} conflict where the table does not have it; see lib/core/rules.ts. */
export const requireRule = (order: Order, command: OrderCommand): OrderStatus =>
  requireTarget<OrderStatus>(ORDER_RULES[command], order.status, "An order");

/** Adds an event for the parties to the order's outbox: what its last revision was. */
export function withEvent(
  order: Order,
  event: OrderOutboxEvent["event"],
  now: number,
  data: OrderOutboxEvent["data"] = {},
): Order {
  const { outbox, revision, updated_at } = order;
  return { ...order, outbox: enqueue(outbox, `${event}:${revision}`, { event, data }, now, updated_at) };
}

/**
 * The role in which `actor` acts on the order.
 * @throws {DomainError} not found for all others, for the named seller without the scope `sell`, and for everybody once it is deleted.
 */
export function partyOf({ buyer_id, seller_id, deleted_at }: Order, actor: Actor): Role {
  if (deleted_at !== null) throw notFound("order");
  if (buyer_id === actor.id) return "buyer";
  if (sellsAs(actor, seller_id)) return "seller";
  throw notFound("order");
}

/** Returns the order to its parties. @throws {DomainError} not found like {@link partyOf}, and when there is no order. */
export function visibleTo(order: Order | undefined, actor: Actor): Order {
  if (!order) throw notFound("order");
  partyOf(order, actor);
  return order;
}

/** @throws {DomainError} forbidden for the seller, who sees the order but is not its buyer. */
export function requireBuyer(order: Order, { id }: Actor): void {
  if (order.buyer_id !== id) throw forbidden("not_the_buyer", "Only the buyer may do this.");
}

/** Whether a revision is the one that a user's change is based on (`If-Match`). */
export interface RevisionCheck {
  allowsChange(tag: string): boolean;
}

/** @throws {DomainError} stale when a user's change is based on another revision. */
export function requireRevision({ revision }: Order, check: RevisionCheck): void {
  if (check.allowsChange(String(revision))) return;
  throw stale("revision_stale", `The order has changed; its revision is now ${revision}.`);
}
