// How an order applies events of its payment. They may arrive twice and in any order: each has the whole state and its `seq`.

import { targetOf } from "../../lib/core/rules.ts";
import { latest } from "../../lib/core/time-after.ts";
import type { Minor } from "../../lib/money/money.ts";
import { REFUND_CAUSE } from "../events.ts";
import { type Order, step, withEvent } from "./order.ts";
import { ORDER_RULES } from "./order-machine.ts";
import type { OrderStatus } from "./order-status.ts";
import { kept, leaseAfter } from "./payment-lease.ts";

export interface PaymentEvent {
  readonly payment_id: string;
  readonly seq: number;
  /** When the payment last changed; not in events of earlier versions. */
  readonly changed_at?: string | undefined;
  /** The captured attempt; null before a capture. */
  readonly attempt: number | null;
  readonly state: "open" | "captured" | "ended";
  /** With `open`: the attempt lasts until then, longer than its lease. */
  readonly lease_until?: string | undefined;
  readonly captured_amount: Minor;
  readonly refunded_amount: Minor;
  readonly currency: string;
}

/** `refund`: the capture does not pay this order and has to be refunded in full. */
export interface Verdict {
  readonly verdict: "accepted" | "refund";
  readonly reason: string;
}

/** Applies what is new in `event`; returns the same order when nothing is. */
export function applyPaymentEvent(order: Order, event: PaymentEvent, now: number): Order {
  const fresh = event.seq > (order.payment?.seq ?? 0);
  const updated = fresh ? withPaymentState(order, event) : order;
  if (event.state !== "captured") return updated;
  if (targetOf(ORDER_RULES.pay, order.status) === undefined) {
    return fresh ? refunded(updated, event, now) : updated;
  }
  const objection = fresh ? objectionTo(updated, event) : "a newer event came first";
  return objection === undefined ? refunded(pay(updated, event, now), event, now) : refuse(updated, event);
}

/** The order with the payment state of `event`. */
function withPaymentState(order: Order, event: PaymentEvent): Order {
  const known = order.payment;
  const changed_at = latest(known?.changed_at, event.changed_at);
  const payment = {
    attempt: null,
    refused: [],
    ...(known && kept(known)),
    id: event.payment_id,
    seq: event.seq,
    ...(changed_at === "" ? {} : { changed_at }),
    ...leaseAfter(known, event),
  };
  return { ...order, payment };
}

function pay(order: Order, event: PaymentEvent, now: number): Order {
  const paid = step(order, "pay", now, "paid");
  const payment = paid.payment && { ...paid.payment, attempt: event.attempt };
  return withEvent({ ...paid, payment, paid_at: paid.updated_at }, ORDER_RULES.pay.event, now);
}

/** Records that this capture was refused, so that it does not pay the order after a later change either. */
function refuse(order: Order, { attempt }: PaymentEvent): Order {
  const { payment } = order;
  if (!payment || attempt === null || payment.refused.includes(attempt)) return order;
  return { ...order, payment: { ...payment, refused: [...payment.refused, attempt] } };
}

/** Ends a paid order whose capture was refunded in full. */
function refunded(order: Order, event: PaymentEvent, now: number): Order {
  const inFull = pays(order, event) && event.refunded_amount >= event.captured_amount;
  const steps = targetOf<OrderStatus>(ORDER_RULES.refund, order.status) !== undefined;
  return inFull && steps ? step(order, "refund", now, "refunded") : order;
}

/** What the payment has to do with its capture. `order` is the order after {@link applyPaymentEvent}. */
export function verdictOn(order: Order, event: PaymentEvent): Verdict {
  if (event.state !== "captured") return { verdict: "accepted", reason: "nothing captured" };
  if (pays(order, event)) return { verdict: "accepted", reason: "paid" };
  return { verdict: "refund", reason: objectionTo(order, event) ?? causeOfStatus(order.status) };
}

/** True when the capture of this event paid the order. */
function pays(order: Order, event: PaymentEvent): boolean {
  const settled = order.status === "paid" || order.status === "completed" || order.status === "refunded";
  const ours = event.attempt !== null && order.payment?.attempt === event.attempt;
  return settled && ours && event.state === "captured";
}

/** The status as the cause of a refusal. For a pending order {@link objectionTo} has a better one. */
const causeOfStatus = (status: OrderStatus): string =>
  status === "pending" ? "the order is pending" : REFUND_CAUSE[`order_${status}`];

function objectionTo(order: Order, event: PaymentEvent): string | undefined {
  if (event.attempt === null) return "it names no attempt";
  if (event.currency !== order.currency) return REFUND_CAUSE.other_currency;
  if (event.captured_amount !== order.total) return REFUND_CAUSE.other_amount;
  return order.payment?.refused.includes(event.attempt) ? REFUND_CAUSE.refused_before : undefined;
}
