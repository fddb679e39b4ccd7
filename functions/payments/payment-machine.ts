// The state machines of a payment attempt and of a refund: their statuses, and what each command does in each of them.

import { type Rules, stepsOf } from "../../lib/core/rules.ts";
import type { PaymentEventName } from "../events.ts";
import {
  ATTEMPT_STATUSES,
  type AttemptStatus,
  type PaymentStatus,
  REFUND_STATUSES,
  type RefundStatus,
} from "./payment-status.ts";

/** The commands of an attempt. A provider's updates may arrive twice, late and in any order. */
export const ATTEMPT_RULES = {
  process: {
    by: "the provider: the payer has begun to pay",
    steps: { pending: "processing" },
    otherwise: { instead: "unchanged" },
  },
  capture: {
    by: "the provider, with a new transaction; it is refunded when it comes after the attempt's end, beside another capture, or with another amount or currency",
    steps: { pending: "captured", processing: "captured", failed: "captured", closed: "captured" },
    otherwise: { instead: "the second transaction becomes an attempt of its own, and is refunded" },
  },
  fail: {
    by: "the provider",
    steps: { pending: "failed", processing: "failed" },
    otherwise: { instead: "unchanged" },
    event: "payment.failed",
  },
  close: {
    by: "the relay, at the provider, when the attempt's time is over",
    steps: { pending: "closed", processing: "closed" },
    otherwise: { instead: "unchanged" },
  },
  cancel: {
    by: "the payer, after the provider has closed it",
    steps: { pending: "closed" },
    otherwise: { refused: "payment_not_cancellable", done: "cancelled" },
  },
} as const satisfies Rules<AttemptStatus, PaymentEventName>;

export type AttemptCommand = keyof typeof ATTEMPT_RULES;

/** Which status of an attempt may follow which. */
export const ATTEMPT_STEPS = stepsOf<AttemptStatus>(ATTEMPT_STATUSES, ATTEMPT_RULES);

/** The commands of a refund. It is stored as `due` before the provider is called. */
export const REFUND_RULES = {
  // The provider's request status, not a user's request: that makes the refund `due`.
  request: {
    by: "the provider: accepted, not done yet",
    steps: { due: "requested", requested: "requested" },
    otherwise: { instead: "unchanged" },
  },
  finish: {
    by: "the provider: the money is refunded",
    steps: { due: "done", requested: "done" },
    otherwise: { instead: "unchanged" },
    event: "payment.refunded",
  },
  reject: {
    by: "the provider: it will never be done; the refund is parked, and an error is logged",
    steps: { due: "rejected", requested: "rejected" },
    otherwise: { instead: "unchanged" },
  },
  retry: {
    by: "an operator, by `npm run outbox`; not when less than its amount is left (`refund_exceeds_capture`)",
    steps: { rejected: "due" },
    otherwise: { instead: "unchanged" },
  },
  correct: {
    by: "the provider, in a callback and then when it is queried: the money was refunded after all; not when less than its amount is left",
    steps: { rejected: "done" },
    otherwise: { instead: "unchanged" },
    event: "payment.refunded",
  },
} as const satisfies Rules<RefundStatus, PaymentEventName>;

export type RefundCommand = keyof typeof REFUND_RULES;

/** Which status of a refund may follow which. */
export const REFUND_STEPS = stepsOf<RefundStatus>(REFUND_STATUSES, REFUND_RULES);

/** The result of a command to a payment: the status it shows then, or 409 with a code. */
export type PaymentAnswer = { readonly to: PaymentStatus } | { readonly refused: string };

interface PaymentRow {
  readonly status: PaymentStatus;
  /** Tells apart rows with the same status. */
  readonly when?: string;
  readonly begin: PaymentAnswer;
  readonly cancel: PaymentAnswer;
  readonly refund: PaymentAnswer;
}

const inProgress = { refused: "payment_in_progress" };
const alreadyPaid = { refused: "already_paid" };
const notCancellable = { refused: "payment_not_cancellable" };
const notRefundable = { refused: "payment_not_refundable" };
const nothingLeft = { refused: "refund_exceeds_capture" };
const again = { begin: { to: "pending" }, cancel: notCancellable, refund: notRefundable } as const;

/**
 * The replies to users' commands, by the status that they see. They follow from the machines above and from the way in which
 * the status is derived from them; a test verifies that. A requested refund changes the status when it is done.
 */
export const PAYMENT_ANSWERS: readonly PaymentRow[] = [
  { status: "pending", begin: inProgress, cancel: { to: "cancelled" }, refund: notRefundable },
  { status: "processing", begin: inProgress, cancel: notCancellable, refund: notRefundable },
  { status: "succeeded", begin: alreadyPaid, cancel: notCancellable, refund: { to: "succeeded" } },
  {
    status: "partially_refunded",
    begin: alreadyPaid,
    cancel: notCancellable,
    refund: { to: "partially_refunded" },
  },
  {
    status: "refunded",
    when: "it had paid the order",
    begin: alreadyPaid,
    cancel: notCancellable,
    refund: nothingLeft,
  },
  {
    status: "refunded",
    when: "it never paid the order",
    begin: { to: "pending" },
    cancel: notCancellable,
    refund: nothingLeft,
  },
  { status: "failed", ...again },
  { status: "cancelled", ...again },
  { status: "expired", ...again },
];
