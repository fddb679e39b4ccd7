// The rules of giving money back. Pure; a refund is stored before the provider is asked for it.

import { conflict } from "../../lib/core/domain-error.ts";
import { iso } from "../../lib/core/iso.ts";
import { pauseAfter } from "../../lib/core/retry.ts";
import { requireTarget, targetOf } from "../../lib/core/rules.ts";
import { derivedId } from "../../lib/http/idempotency.ts";
import { formatAmount, type Minor } from "../../lib/money/money.ts";
import { DELIVERY, enqueue, HINT_GRACE_MS } from "../../lib/outbox/outbox.ts";
import {
  type Attempt,
  acceptedCapture,
  leftOf,
  type Payment,
  type PaymentOutboxEvent,
  type Refund,
  withAttempt,
  withHistory,
  withOrderEvent,
} from "./payment.ts";
import { REFUND_RULES, type RefundCommand } from "./payment-machine.ts";
import type { RefundStatus } from "./payment-status.ts";
import type { RefundAnswer } from "./providers/provider.ts";

/**
 * Most refunds that people may ask for; the last of them takes only all that is left, so that small ones can't use up the
 * room for the rest. One more for each capture stays reserved for those the system owes.
 */
export const MAX_ASKED_REFUNDS = 10;

export interface RefundRequest {
  readonly id: string;
  /** All that is left when undefined. */
  readonly amount: Minor | undefined;
  readonly reason: string;
  readonly fingerprint: string;
}

/**
 * Stores a refund that someone asks for.
 * @throws {DomainError} conflict `payment_not_refundable`, `refund_exceeds_capture`, `last_refund_not_full`,
 * `too_many_refunds`.
 */
export function requestRefund(payment: Payment, request: RefundRequest, now: number): Payment {
  const attempt = refundableAttempt(payment);
  if (!attempt) throw conflict("payment_not_refundable", "Nothing was paid that could be given back.");
  const left = leftOf(payment, attempt);
  const amount = request.amount ?? left;
  if (left === 0 || amount > left) {
    throw conflict("refund_exceeds_capture", `At most ${formatAmount(left)} can still be given back.`);
  }
  const room = MAX_ASKED_REFUNDS - payment.refunds.filter((refund) => !refund.automatic).length;
  if (room <= 0) throw conflict("too_many_refunds", `A payment takes ${MAX_ASKED_REFUNDS} refunds.`);
  if (room === 1 && amount < left) {
    throw conflict(
      "last_refund_not_full",
      `A payment takes ${MAX_ASKED_REFUNDS} refunds; the last one has to be of all that is left, ${formatAmount(left)}.`,
    );
  }
  return withHistory(
    withRefund(payment, { ...request, attempt: attempt.no, amount, automatic: false }, now),
    now,
    `refund of ${formatAmount(amount)} requested: ${request.reason}`,
  );
}

/** The capture with something left: the one that pays the order, or one whose automatic refund was rejected. */
function refundableAttempt(payment: Payment): Attempt | undefined {
  const accepted = acceptedCapture(payment);
  const candidates = accepted ? [accepted, ...payment.attempts] : payment.attempts;
  const captured = candidates.filter((attempt) => attempt.status === "captured");
  return captured.find((attempt) => leftOf(payment, attempt) > 0) ?? captured[0];
}

/**
 * Gives the whole capture of attempt `no` back, because it does not pay the order; the same payment when that was
 * decided already. What was or is being given back of it counts.
 */
export function requireRefund(payment: Payment, no: number, reason: string, now: number): Payment {
  const attempt = payment.attempts.find((candidate) => candidate.no === no);
  if (attempt?.status !== "captured" || attempt.refund_required !== null) return payment;
  const required = withAttempt(payment, { ...attempt, refund_required: reason });
  const amount = leftOf(payment, attempt);
  const id = derivedId("automatic-refund", payment.id, String(no));
  const owed =
    amount > 0
      ? withRefund(required, { id, attempt: no, amount, reason, automatic: true, fingerprint: "" }, now)
      : required;
  const note = amount > 0 ? `${formatAmount(amount)} is given back: ${reason}` : `pays nothing: ${reason}`;
  return withOrderEvent(withHistory(owed, now, note), now);
}

/** Records what the provider answered to a refund; undefined: nothing. The same payment once it has ended. */
export function settleRefund(
  payment: Payment,
  id: string,
  answer: RefundAnswer | undefined,
  now: number,
): Payment {
  const refund = payment.refunds.find((candidate) => candidate.id === id);
  if (!refund || !isOpen(refund)) return payment;
  if (answer === undefined || answer === "pending") {
    const requested = answer === "pending" ? stepRefund(refund, "request") : refund;
    const again = { tries: refund.tries + 1, next_at: iso(now + pauseAfter(refund.tries + 1, DELIVERY)) };
    return replaceRefund(payment, { ...requested, ...again });
  }
  const done = answer === "done";
  const settled = replaceRefund(payment, {
    ...stepRefund(refund, done ? "finish" : "reject"),
    done_at: done ? iso(now) : null,
  });
  const amount = formatAmount(refund.amount);
  if (!done) return withHistory(settled, now, `refund of ${amount} rejected by the provider`);
  const fact: PaymentOutboxEvent = { to: "parties", event: REFUND_RULES.finish.event, refund: id };
  const recorded = withHistory(
    { ...settled, outbox: enqueue<PaymentOutboxEvent>(settled.outbox, `refunded:${id}`, fact, now) },
    now,
    `refund of ${amount} done`,
  );
  // The order never heard of a capture that does not pay it.
  return acceptedCapture(payment)?.no === refund.attempt ? withOrderEvent(recorded, now) : recorded;
}

/** Has a refund checked at the provider at once, because it reported a change; the same payment once it ended. */
export function checkRefundNow(payment: Payment, id: string, now: number): Payment {
  const refund = openRefunds(payment).find((candidate) => candidate.id === id);
  if (!refund || Date.parse(refund.next_at) <= now) return payment;
  return replaceRefund(payment, { ...refund, next_at: iso(now) });
}

/** Refunds the provider has still to be asked for at `now`, new ones at once. */
export const dueRefunds = (payment: Payment, now: number): Refund[] =>
  openRefunds(payment).filter((refund) => refund.tries === 0 || Date.parse(refund.next_at) <= now);

/** Refunds that have not ended. */
export const openRefunds = (payment: Payment): Refund[] => payment.refunds.filter(isOpen);

const isOpen = ({ status }: Refund): boolean =>
  targetOf<RefundStatus>(REFUND_RULES.finish, status) !== undefined;

/**
 * Rejected refunds that nothing has taken the place of: of those the system owes, until all of the capture is given back;
 * of those a person asked for, until the next one of that capture is asked for.
 */
export function parkedRefunds(payment: Payment): Refund[] {
  return payment.refunds.filter((refund, index) => {
    if (refund.status !== "rejected") return false;
    const attempt = payment.attempts.find(({ no }) => no === refund.attempt);
    if (attempt === undefined || leftOf(payment, attempt) === 0) return false;
    const later = payment.refunds.slice(index + 1).some(({ attempt: no }) => no === refund.attempt);
    return refund.automatic || !later;
  });
}

/**
 * Has a rejected refund tried again under its id, on a person's word; the same payment when it is not rejected.
 * @throws {DomainError} conflict `refund_exceeds_capture` when that much is not left by now.
 */
export function retryRefund(payment: Payment, id: string, now: number): Payment {
  const refund = payment.refunds.find((candidate) => candidate.id === id);
  if (refund?.status !== "rejected") return payment;
  const attempt = payment.attempts.find(({ no }) => no === refund.attempt);
  const left = attempt === undefined ? 0 : leftOf(payment, attempt);
  if (refund.amount > left) {
    throw conflict("refund_exceeds_capture", `At most ${formatAmount(left)} can still be given back.`);
  }
  const again = { ...stepRefund(refund, "retry"), tries: 0, next_at: iso(now) };
  return withHistory(
    replaceRefund(payment, again),
    now,
    `refund of ${formatAmount(refund.amount)} is requested again`,
  );
}

const stepRefund = (refund: Refund, command: RefundCommand): Refund => ({
  ...refund,
  status: requireTarget<RefundStatus>(REFUND_RULES[command], refund.status, "A refund"),
});

function withRefund(
  payment: Payment,
  request: Pick<Refund, "id" | "attempt" | "amount" | "reason" | "automatic" | "fingerprint">,
  now: number,
): Payment {
  const refund: Refund = {
    ...request,
    status: "due",
    created_at: iso(now),
    done_at: null,
    tries: 0,
    next_at: iso(now + HINT_GRACE_MS),
  };
  return { ...payment, refunds: [...payment.refunds, refund] };
}

const replaceRefund = (payment: Payment, refund: Refund): Payment => ({
  ...payment,
  refunds: payment.refunds.map((other) => (other.id === refund.id ? refund : other)),
});
