// The payment lease: an order's permission for one payment attempt. Until `lease_until` the order does not expire, and its money
// does not change. All of it is here, with the one rule that makes it safe: an event of an earlier attempt never ends the
// lease of a newer one (fencing; M. Kleppmann, "How to do distributed locking", 2016).

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
  if (live > now && live >= wanted - SAME_ATTEMPT_MS && fencing_seq === fencingSeqOf(known)) {
    return order;
  }
  const payment = {
    seq: 0,
    attempt: null,
    refused: [],
    ...known,
    id: request.payment_id,
    lease_until: iso(Math.max(wanted, live)),
    fencing_seq,
  };
  return known ? { ...order, payment } : revised({ ...order, payment }, now, "payment begun");
}

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
