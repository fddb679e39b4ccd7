// The payment lease: an order's permission for one payment attempt. Until `lease_until` the order does not expire, and its money
// does not change. All of it is here, with the one rule that makes it safe: an event of an earlier attempt never ends the
// lease of a newer one (fencing; M. Kleppmann, "How to do distributed locking", 2016). A request whose attempt does not begin gives its
// lease back, unless any other may rely on it.

import { conflict, invalidValue, notFound } from "../../lib/core/domain-error.ts";
import { iso } from "../../lib/core/iso.ts";
import type { Minor } from "../../lib/money/money.ts";
import { expiryOf, type Order, type OrderPayment, requireRule, revised } from "./order.ts";

export interface LeaseRequest {
  readonly payment_id: string;
  readonly user_id: string;
  /** The amount that the payer expects to pay, in minor units; undefined if the request has none. */
  readonly amount?: Minor | undefined;
  readonly lease_until: string;
  /** The payment's `seq` that the new attempt follows: events up to it belong to earlier attempts. */
  readonly fencing_seq?: number | undefined;
  /** Names the request, so that it can give the lease back; undefined from earlier versions, which never do. */
  readonly holder?: string | undefined;
}

/** A second request within this time, in milliseconds, keeps the lease as it is and needs no write. */
const SAME_ATTEMPT_MS = 60_000;

/**
 * Grants the lease for a payment attempt, or extends the present one.
 * @throws {DomainError} not found, conflict `order_not_payable`, invalid `amount_mismatch`.
 */
export function grantPaymentLease(order: Order, request: LeaseRequest, now: number): Order {
  if (order.deleted_at !== null || order.buyer_id !== request.user_id) throw notFound("order");
  requireRule(order, "begin payment");
  if ((expiryOf(order) ?? 0) <= now) throw conflict("order_not_payable", "The order has expired.");
  if (request.amount !== undefined && request.amount !== order.total) {
    throw invalidValue("amount_mismatch", "`amount` is not the order's total; leave it out.");
  }
  const known = order.payment;
  const wanted = Date.parse(request.lease_until);
  const live = known?.lease_until ? Date.parse(known.lease_until) : 0;
  const fencing_seq = Math.max(fencingSeqOf(known), request.fencing_seq ?? 0);
  const { holder } = request;
  const before = known?.lease_alone;
  const same = before !== undefined && before.holder === holder;
  const lasts = live > now && live >= wanted - SAME_ATTEMPT_MS && fencing_seq === fencingSeqOf(known);
  if (lasts && (before === undefined || same)) return order;
  const alone = holder !== undefined && (live <= now || same);
  const payment = {
    seq: 0,
    attempt: null,
    refused: [],
    ...(known && kept(known)),
    id: request.payment_id,
    lease_until: iso(Math.max(wanted, live)),
    fencing_seq,
    ...(alone ? { lease_alone: { holder, first: same ? before.first : known === null } } : {}),
  };
  return known ? { ...order, payment } : revised({ ...order, payment }, now, "payment begun");
}

/**
 * Ends the lease of a request whose attempt did not begin: its provider did not open the charge. Returns the same order when anyone
 * else may rely on the lease. An order that heard of a payment by this lease alone forgets it: there is none.
 */
export function giveLeaseBack(order: Order, holder: string | undefined, now: number): Order {
  const { payment } = order;
  const alone = payment?.lease_alone;
  if (!payment || alone === undefined || alone.holder !== holder) return order;
  if (!alone.first) return { ...order, payment: { ...kept(payment), lease_until: null } };
  return revised({ ...order, payment: null }, now, "payment not begun");
}

/** What the order knows of its payment, with a lease that nobody can give back. */
export const kept = ({ lease_alone: _, ...payment }: OrderPayment): OrderPayment => payment;

/** The part of a payment event that concerns the lease. */
interface LeaseEvent {
  readonly seq: number;
  readonly state: "open" | "captured" | "ended";
  readonly lease_until?: string | undefined;
}

/** The lease after `event`: it ends when its own attempt has ended; an event of an earlier attempt does not end it. */
export function leaseAfter(
  known: OrderPayment | null | undefined,
  event: LeaseEvent,
): Pick<OrderPayment, "lease_until"> & { readonly fencing_seq: number } {
  const fencing_seq = fencingSeqOf(known);
  const goesOn = event.state === "open" || event.seq <= fencing_seq;
  return { lease_until: goesOn ? later(known?.lease_until, event.lease_until) : null, fencing_seq };
}

const fencingSeqOf = (known: OrderPayment | null | undefined): number => known?.fencing_seq ?? 0;

/** The later of two RFC 3339 times in UTC. */
function later(a: string | null = null, b: string | null = null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) < Date.parse(b) ? b : a;
}
