// The order's side of a payment. Events may come twice and in any order: each carries the whole state and its number.

import { conflict, notFound, unprocessable } from "../../lib/http/problem.ts";
import type { Minor } from "../../lib/money/money.ts";
import { expiryOf, type Order, revised, step, tell } from "./order.ts";

export interface PaymentAttempt {
  readonly payment_id: string;
  readonly user_id: string;
  /** What the payer expects to pay; undefined when they do not say. */
  readonly amount: Minor | undefined;
  readonly live_until: string;
}

export interface PaymentEvent {
  readonly payment_id: string;
  readonly seq: number;
  /** The attempt that this is about, once one is captured. */
  readonly attempt: number | null;
  readonly state: "open" | "captured" | "ended";
  readonly captured_amount: Minor;
  readonly refunded_amount: Minor;
  readonly currency: string;
}

/** `refund`: the capture does not pay this order and must be given back in full. */
export interface Verdict {
  readonly verdict: "accepted" | "refund";
  readonly reason: string;
}

/** Two requests to pay this close together need only one write. */
const SAME_ATTEMPT_MS = 60_000;

/**
 * Gives leave to begin a payment, and keeps the order from expiring and its money from changing until `live_until`.
 * @throws {Problem} 404, 409 `order_not_payable`, 422 `amount_mismatch`.
 */
export function openPayment(order: Order, attempt: PaymentAttempt, now: number): Order {
  if (order.deleted_at !== null || order.buyer_id !== attempt.user_id) throw notFound("order");
  const expiry = expiryOf(order);
  if (expiry === undefined)
    throw conflict("order_not_payable", `An order that is ${order.status} can't be paid.`);
  if (expiry <= now) throw conflict("order_not_payable", "The order has expired.");
  if (attempt.amount !== undefined && attempt.amount !== order.total) {
    throw unprocessable("amount_mismatch", "`amount` is not the order's total; leave it out.");
  }
  const known = order.payment;
  const asked = Date.parse(attempt.live_until);
  const live = known?.live_until ? Date.parse(known.live_until) : 0;
  if (live > now && live >= asked - SAME_ATTEMPT_MS) return order;
  const until = new Date(Math.max(asked, live)).toISOString();
  const payment = {
    id: attempt.payment_id,
    seq: known?.seq ?? 0,
    live_until: until,
    attempt: known?.attempt ?? null,
  };
  return known ? { ...order, payment } : revised({ ...order, payment }, now, "payment begun");
}

/** Applies what is new in `event`; returns the same order for what is known already. */
export function applyPaymentEvent(order: Order, event: PaymentEvent, now: number): Order {
  if (event.seq <= (order.payment?.seq ?? 0)) return order;
  const paying = event.state === "captured" && order.status === "pending" && !mismatch(order, event);
  const noted: Order = {
    ...order,
    payment: {
      id: event.payment_id,
      seq: event.seq,
      live_until: event.state === "open" ? (order.payment?.live_until ?? null) : null,
      attempt: paying ? event.attempt : (order.payment?.attempt ?? null),
    },
  };
  if (paying)
    return tell(
      { ...step(noted, "paid", now, "paid"), paid_at: new Date(now).toISOString() },
      "order.paid",
      now,
    );
  const givenBack = pays(noted, event) && event.refunded_amount >= event.captured_amount;
  return givenBack && noted.status !== "refunded" ? step(noted, "refunded", now, "refunded") : noted;
}

/** What the payment must do about its capture, judged by the order after {@link applyPaymentEvent}. */
export function verdictOn(order: Order, event: PaymentEvent): Verdict {
  if (event.state !== "captured") return { verdict: "accepted", reason: "nothing captured" };
  if (pays(order, event)) return { verdict: "accepted", reason: "paid" };
  return { verdict: "refund", reason: mismatch(order, event) ?? `the order is ${order.status}` };
}

/** True when it is this event's capture that paid the order. */
function pays(order: Order, event: PaymentEvent): boolean {
  const settled = order.status === "paid" || order.status === "completed" || order.status === "refunded";
  return settled && event.state === "captured" && order.payment?.attempt === event.attempt;
}

function mismatch(order: Order, event: PaymentEvent): string | undefined {
  if (event.currency !== order.currency) return "the currency is not the order's";
  return event.captured_amount === order.total ? undefined : "the amount is not the order's";
}
