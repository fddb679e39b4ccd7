// The order's side of a payment. Events may come twice and in any order: each carries the whole state and its number.

import { conflict, invalidValue, notFound } from "../../lib/core/domain-error.ts";
import { targetOf } from "../../lib/core/rules.ts";
import type { Minor } from "../../lib/money/money.ts";
import { expiryOf, type Order, requireRule, revised, step, withEvent } from "./order.ts";
import { ORDER_RULES } from "./order-machine.ts";
import type { OrderStatus } from "./order-status.ts";

export interface PaymentAttempt {
  readonly payment_id: string;
  readonly user_id: string;
  /** What the payer expects to pay; undefined when they do not say. */
  readonly amount: Minor | undefined;
  readonly live_until: string;
  /** The payment's `seq` that the new attempt follows; what it told until then is of earlier attempts. */
  readonly seen_seq?: number | undefined;
}

export interface PaymentEvent {
  readonly payment_id: string;
  readonly seq: number;
  /** The attempt that this is about, once one is captured. */
  readonly attempt: number | null;
  readonly state: "open" | "captured" | "ended";
  /** With `open`: the attempt goes on longer than was asked leave for. */
  readonly live_until?: string | undefined;
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
 * @throws {DomainError} not found, 409 `order_not_payable`, 422 `amount_mismatch`.
 */
export function openPayment(order: Order, attempt: PaymentAttempt, now: number): Order {
  if (order.deleted_at !== null || order.buyer_id !== attempt.user_id) throw notFound("order");
  requireRule(order, "begin payment");
  if ((expiryOf(order) ?? 0) <= now) throw conflict("order_not_payable", "The order has expired.");
  if (attempt.amount !== undefined && attempt.amount !== order.total) {
    throw invalidValue("amount_mismatch", "`amount` is not the order's total; leave it out.");
  }
  const known = order.payment;
  const asked = Date.parse(attempt.live_until);
  const live = known?.live_until ? Date.parse(known.live_until) : 0;
  const fence = Math.max(known?.fence ?? 0, attempt.seen_seq ?? 0);
  if (live > now && live >= asked - SAME_ATTEMPT_MS && fence === (known?.fence ?? 0)) return order;
  const until = iso(Math.max(asked, live));
  const payment = {
    id: attempt.payment_id,
    seq: known?.seq ?? 0,
    live_until: until,
    attempt: known?.attempt ?? null,
    refused: known?.refused ?? [],
    fence,
  };
  return known ? { ...order, payment } : revised({ ...order, payment }, now, "payment begun");
}

/** Applies what is new in `event`; returns the same order for what is known already. */
export function applyPaymentEvent(order: Order, event: PaymentEvent, now: number): Order {
  const fresh = event.seq > (order.payment?.seq ?? 0);
  const noted = fresh ? withNews(order, event) : order;
  if (event.state !== "captured") return noted;
  if (targetOf(ORDER_RULES.pay, order.status) === undefined) {
    return fresh ? refunded(noted, event, now) : noted;
  }
  const objection = fresh ? objectionTo(noted, event) : "it is overtaken";
  return objection === undefined ? refunded(pay(noted, event, now), event, now) : refuse(noted, event);
}

function withNews(order: Order, event: PaymentEvent): Order {
  const known = order.payment;
  const fence = known?.fence ?? 0;
  const goesOn = event.state === "open" || event.seq <= fence;
  const payment = {
    id: event.payment_id,
    seq: event.seq,
    live_until: goesOn ? later(known?.live_until, event.live_until) : null,
    attempt: known?.attempt ?? null,
    refused: known?.refused ?? [],
    fence,
  };
  return { ...order, payment };
}

/** The later of two RFC 3339 times in UTC. */
function later(a: string | null = null, b: string | null = null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) < Date.parse(b) ? b : a;
}

function pay(order: Order, event: PaymentEvent, now: number): Order {
  const paid = step(order, "pay", now, "paid");
  const payment = paid.payment && { ...paid.payment, attempt: event.attempt };
  return withEvent({ ...paid, payment, paid_at: iso(now) }, ORDER_RULES.pay.tells, now);
}

/** Keeps in mind that this capture is to be given back: a later change of the order must not let it pay after all. */
function refuse(order: Order, { attempt }: PaymentEvent): Order {
  const { payment } = order;
  if (!payment || attempt === null || payment.refused.includes(attempt)) return order;
  return { ...order, payment: { ...payment, refused: [...payment.refused, attempt] } };
}

/** Ends a paid order whose payment was given back in full. */
function refunded(order: Order, event: PaymentEvent, now: number): Order {
  const givenBack = pays(order, event) && event.refunded_amount >= event.captured_amount;
  const steps = targetOf<OrderStatus>(ORDER_RULES.refund, order.status) !== undefined;
  return givenBack && steps ? step(order, "refund", now, "refunded") : order;
}

/** What the payment must do about its capture, judged by the order after {@link applyPaymentEvent}. */
export function verdictOn(order: Order, event: PaymentEvent): Verdict {
  if (event.state !== "captured") return { verdict: "accepted", reason: "nothing captured" };
  if (pays(order, event)) return { verdict: "accepted", reason: "paid" };
  return { verdict: "refund", reason: objectionTo(order, event) ?? `the order is ${order.status}` };
}

/** True when it is this event's capture that paid the order. */
function pays(order: Order, event: PaymentEvent): boolean {
  const settled = order.status === "paid" || order.status === "completed" || order.status === "refunded";
  const ours = event.attempt !== null && order.payment?.attempt === event.attempt;
  return settled && ours && event.state === "captured";
}

function objectionTo(order: Order, event: PaymentEvent): string | undefined {
  if (event.attempt === null) return "it names no attempt";
  if (event.currency !== order.currency) return "the currency is not the order's";
  if (event.captured_amount !== order.total) return "the amount is not the order's";
  return order.payment?.refused.includes(event.attempt) ? "it was refused before" : undefined;
}

const iso = (time: number): string => new Date(time).toISOString();
