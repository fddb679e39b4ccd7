// The rules of an order: pure functions from a state and a command to the next state, or a refusal.

import type { User } from "../../lib/auth/caller.ts";
import { sellsAs } from "../../lib/auth/scopes.ts";
import { conflict, forbidden, invalidValue, notFound, stale } from "../../lib/core/domain-error.ts";
import { iso } from "../../lib/core/iso.ts";
import { requireTarget, targetOf } from "../../lib/core/rules.ts";
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
 * An event for the parties; NotificationService makes one notification of it for each. It carries no text that a user wrote:
 * that would reach somebody else in this system's name. Events that the version before stored may have one as `reason`.
 */
export interface OrderEvent {
  readonly event: OrderEventName;
  readonly data: { readonly reason?: string };
}

/** Whose token a command came with. */
export type Actor = Pick<User, "id" | "scopes">;

/** What the order knows of its payment. */
export interface OrderPayment {
  readonly id: string;
  /** Highest payment event applied; 0 before the first. */
  readonly seq: number;
  /** End of the payment lease: until then an attempt may be under way, and what it is about must not change. */
  readonly lease_until: string | null;
  /** The attempt that paid the order. */
  readonly attempt: number | null;
  /** Attempts whose capture was refused while the order was pending: they are given back, so they never pay it. */
  readonly refused: readonly number[];
  /** Fencing: events up to this `seq` are of attempts before the present lease, so they do not end it. */
  readonly fencing_seq?: number;
}

export interface Order {
  readonly id: string;
  readonly status: OrderStatus;
  readonly buyer_id: string;
  readonly seller_id: string | null;
  /** Address from the buyer's token, for mail about this order; never shown. */
  readonly buyer_email: string | null;
  readonly customer_name: string;
  readonly currency: string;
  readonly total: Minor;
  readonly lines: readonly OrderLine[];
  readonly shipping: Shipping | null;
  readonly remark: string;
  readonly cancel_reason: string | null;
  readonly payment: OrderPayment | null;
  readonly history: readonly { readonly at: string; readonly status: OrderStatus; readonly note: string }[];
  /** Counts the changes a user can see. */
  readonly revision: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly paid_at: string | null;
  readonly expires_at: string;
  /** Set on a tombstone: hidden, but still there for late payments and repeated requests. */
  readonly deleted_at: string | null;
  /** Fingerprint of the body that created it. */
  readonly fingerprint: string;
  readonly outbox: Outbox<OrderEvent>;
}

/** What a buyer may set. */
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
  readonly seller_id: string | null;
  readonly currency: string;
  readonly fingerprint: string;
  /** Milliseconds after which it is cancelled unless it is paid. */
  readonly lifetime: number;
}

const HISTORY_LIMIT = 50;

/** How long after the end of the last payment attempt an order may expire: clocks of two machines differ. */
export const EXPIRY_MARGIN_MS = 30_000;

/** A new, pending order. @throws {DomainError} invalid `seller_is_buyer` for one who would sell to themselves. */
export function createOrder(details: NewOrder, now: number): Order {
  const { lifetime, ...given } = details;
  if (given.seller_id === given.buyer_id) {
    const message = "must be somebody else than the buyer";
    throw invalidValue("seller_is_buyer", "Nobody can buy from themselves.", [
      { path: "seller_id", message },
    ]);
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
 * @throws {DomainError} invalid when there is neither, when both differ, or when the total is more than an order may have.
 */
export function totalOf(lines: readonly OrderLine[] | undefined, stated: Minor | undefined): Minor {
  if (!lines) {
    if (stated === undefined) throw invalidValue("total_missing", "Give `items` or a `total_amount`.");
    return stated;
  }
  const total = lines.reduce((sum, line) => sum + line.unit_price * line.quantity, 0);
  if (total > MAX_AMOUNT) throw invalidValue("total_too_large", "The total may be 1000000000.00 at most.");
  if (stated !== undefined && stated !== total) {
    throw invalidValue("total_mismatch", "`total_amount` is not the sum of the items; leave it out.");
  }
  return total;
}

/** Edits a pending order; what is not in `changes` stays. */
export function editOrder(order: Order, changes: Partial<OrderDetails>, now: number): Order {
  requireRule(order, "edit");
  const edited: Order = { ...order, ...changes };
  const money = edited.total !== order.total || JSON.stringify(edited.lines) !== JSON.stringify(order.lines);
  if (money && paymentIsLive(order, now)) {
    throw conflict("payment_in_progress", "Items and total can't change while a payment is under way.");
  }
  return JSON.stringify(edited) === JSON.stringify(order) ? order : revised(edited, now, "edited");
}

/** Cancels a pending order; `reason` is what the party wrote. A payment under way is given back when it arrives. */
export function cancelOrder(order: Order, by: Role, reason: string | undefined, now: number): Order {
  return ended(order, "cancel", `cancelled by the ${by}`, now, reason);
}

/** Completes a paid order. */
export function completeOrder(order: Order, now: number): Order {
  return withEvent(step(order, "complete", now, "completed"), ORDER_RULES.complete.event, now);
}

/** Cancels, if need be, and hides. */
export function deleteOrder(order: Order, now: number): Order {
  const over = requireRule(order, "delete") === order.status ? order : ended(order, "cancel", "deleted", now);
  return { ...revised(over, now, "deleted"), deleted_at: iso(now) };
}

/** Cancels an order whose time is over; the same order when it is not. */
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

/** When a pending order expires, in epoch milliseconds: not while an attempt to pay it may still succeed. */
export function expiryOf(order: Order): number | undefined {
  if (targetOf(ORDER_RULES.expire, order.status) === undefined) return undefined;
  const attemptEnd = order.payment?.lease_until
    ? Date.parse(order.payment.lease_until) + EXPIRY_MARGIN_MS
    : 0;
  return Math.max(Date.parse(order.expires_at), attemptEnd);
}

/** True while an attempt to pay may be under way. */
function paymentIsLive(order: Order, now: number): boolean {
  const until = order.payment?.lease_until;
  return until != null && Date.parse(until) > now;
}

/** One more change that a user can see. */
export function revised(order: Order, now: number, note: string): Order {
  const at = iso(now);
  return {
    ...order,
    revision: order.revision + 1,
    updated_at: at,
    history: [...order.history, { at, status: order.status, note }].slice(-HISTORY_LIMIT),
  };
}

/** What `command` does to the order's status, with an entry in its history. @throws {DomainError} conflict where the table does not have it. */
export const step = (order: Order, command: OrderCommand, now: number, note: string): Order =>
  revised({ ...order, status: requireRule(order, command) }, now, note);

/** The status that `command` leads to. @throws {DomainError} conflict where the table does not have it; see lib/core/rules.ts. */
export const requireRule = (order: Order, command: OrderCommand): OrderStatus =>
  requireTarget<OrderStatus>(ORDER_RULES[command], order.status, "An order");

/** Adds an event for every party to what the order has to deliver. */
export function withEvent(
  order: Order,
  event: OrderEvent["event"],
  now: number,
  data: OrderEvent["data"] = {},
): Order {
  return { ...order, outbox: enqueue(order.outbox, `${event}:${order.revision}`, { event, data }, now) };
}

/**
 * As which party `actor` acts on the order.
 * @throws {DomainError} not found for a stranger, also for one who is named as seller and may not sell; and for all once it is deleted.
 */
export function partyOf({ buyer_id, seller_id, deleted_at }: Order, actor: Actor): Role {
  if (deleted_at !== null) throw notFound("order");
  if (buyer_id === actor.id) return "buyer";
  if (sellsAs(actor, seller_id)) return "seller";
  throw notFound("order");
}

/** The order itself, for its parties. @throws {DomainError} not found as {@link partyOf}, and when there is none. */
export function visibleTo(order: Order | undefined, actor: Actor): Order {
  if (!order) throw notFound("order");
  partyOf(order, actor);
  return order;
}

/** @throws {DomainError} forbidden for the seller, who sees the order but is not its buyer. */
export function requireBuyer(order: Order, { id }: Actor): void {
  if (order.buyer_id !== id) throw forbidden("not_the_buyer", "Only the buyer may do this.");
}

/** Says of the tag of a revision whether a user's change may be based on it. */
export interface RevisionCheck {
  allowsChange(tag: string): boolean;
}

/** @throws {DomainError} stale when a user's change is based on another revision. */
export function requireRevision({ revision }: Order, check: RevisionCheck): void {
  if (check.allowsChange(String(revision))) return;
  throw stale("revision_stale", `The order has changed; it is at revision ${revision}.`);
}
