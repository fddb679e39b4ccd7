// The state machines of an attempt to pay and of a refund: their statuses, and what each word does in each of them.

import { type Rules, stepsOf } from "../../lib/core/rules.ts";
import type { PaymentEventName } from "../events.ts";
import {
  ATTEMPT_STATUSES,
  type AttemptStatus,
  type PaymentStatus,
  REFUND_STATUSES,
  type RefundStatus,
} from "./payment-status.ts";

/** What is said of an attempt. A provider's word may come twice, late and in any order. */
export const ATTEMPT_RULES = {
  process: {
    by: "the provider: the payer is at it",
    steps: { pending: "processing" },
    otherwise: { instead: "unchanged" },
  },
  capture: {
    by: "the provider, by a transaction that is not known yet; one that comes after the end, beside another, or of another amount or currency is given back",
    steps: { pending: "captured", processing: "captured", failed: "captured", closed: "captured" },
    otherwise: { instead: "the second transaction becomes an attempt of its own, and is given back" },
  },
  fail: {
    by: "the provider",
    steps: { pending: "failed", processing: "failed" },
    otherwise: { instead: "unchanged" },
    event: "payment.failed",
  },
  close: {
    by: "the provider, asked to once the attempt's time is over",
    steps: { pending: "closed", processing: "closed" },
    otherwise: { instead: "unchanged" },
  },
  cancel: {
    by: "the payer, once the provider has closed it",
    steps: { pending: "closed" },
    otherwise: { refused: "payment_not_cancellable", done: "cancelled" },
  },
} as const satisfies Rules<AttemptStatus, PaymentEventName>;

export type AttemptCommand = keyof typeof ATTEMPT_RULES;

/** Which status of an attempt may follow which. */
export const ATTEMPT_STEPS = stepsOf<AttemptStatus>(ATTEMPT_STATUSES, ATTEMPT_RULES);

/** What is said of a refund. It is `due` once it is stored, before the provider is asked. */
export const REFUND_RULES = {
  request: {
    by: "the provider: taken, not done yet",
    steps: { due: "requested", requested: "requested" },
    otherwise: { instead: "unchanged" },
  },
  finish: {
    by: "the provider: the money is given back",
    steps: { due: "done", requested: "done" },
    otherwise: { instead: "unchanged" },
    event: "payment.refunded",
  },
  reject: {
    by: "the provider: it will not be done; the refund is parked, and an error in the log",
    steps: { due: "rejected", requested: "rejected" },
    otherwise: { instead: "unchanged" },
  },
  retry: {
    by: "a person, by `npm run outbox`; not when that much is not left (`refund_exceeds_capture`)",
    steps: { rejected: "due" },
    otherwise: { instead: "unchanged" },
  },
} as const satisfies Rules<RefundStatus, PaymentEventName>;

export type RefundCommand = keyof typeof REFUND_RULES;

/** Which status of a refund may follow which. */
export const REFUND_STEPS = stepsOf<RefundStatus>(REFUND_STATUSES, REFUND_RULES);

/** What comes of a command to a payment: the status it shows then, or 409 with a code. */
export type PaymentAnswer = { readonly to: PaymentStatus } | { readonly refused: string };

interface PaymentRow {
  readonly status: PaymentStatus;
  /** What the status alone does not say. */
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
 * What people are answered, by the status they see. It follows from the machines above and from how the status is
 * derived of them; a test holds it to that. A refund that was asked for shows once it is done.
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
