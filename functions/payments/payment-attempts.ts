// The rules of attempts: begin, capture, fail, close. Pure; a provider's reports may arrive twice, late and in any order.

import { conflict } from "../../lib/core/domain-error.ts";
import { type Creation, checkReplay } from "../../lib/core/idempotency.ts";
import { iso } from "../../lib/core/iso.ts";
import type { Locale } from "../../lib/core/locales.ts";
import { pauseAfter } from "../../lib/core/retry.ts";
import { requireTarget } from "../../lib/core/rules.ts";
import { timeAfter } from "../../lib/core/time-after.ts";
import type { Minor } from "../../lib/money/money.ts";
import { DELIVERY } from "../../lib/outbox/outbox.ts";
import { REFUND_CAUSE, type RefundCause } from "../events.ts";
import {
  type Attempt,
  acceptedCapture,
  accepts,
  attemptOf,
  isLive,
  liveAttempt,
  type Payment,
  type PaymentMethod,
  type PaymentOutboxEvent,
  stepAttempt,
  withAttempt,
  withHistory,
  withPartyEvent,
  withPaymentEvent,
} from "./payment.ts";
import { checkDue, isUnanswered, nextLiveCheck } from "./payment-checks.ts";
import { ATTEMPT_RULES } from "./payment-machine.ts";
import { requireRefund } from "./payment-refunds.ts";
import type { AttemptStatus } from "./payment-status.ts";
import type { ChargeState } from "./providers/provider.ts";
import { SurplusCapture, surplusPayment } from "./surplus-capture.ts";

/** Maximum number of attempts that users may begin per order. */
export const MAX_ATTEMPTS = 10;
/** Code of the refusal of another one. */
export const TOO_MANY_ATTEMPTS = "too_many_attempts";
/** Maximum number of second transactions stored as attempts of their own; a further one is a {@link SurplusCapture}. */
export const MAX_EXTRA_CAPTURES = 10;

export interface NewAttempt {
  readonly method: PaymentMethod;
  readonly amount: Minor;
  readonly reference: string;
  readonly checkout: Readonly<Record<string, string>>;
  readonly creation: Creation;
  readonly expires_at: string;
}

export interface NewPayment {
  readonly id: string;
  readonly order_id: string;
  readonly user_id: string;
  readonly seller_id: string | null;
  readonly buyer_email: string | null;
  readonly buyer_locale?: Locale;
  readonly currency: string;
  readonly order_changed_at?: string;
}

/** An order's payment with its first attempt. */
export function createPayment(details: NewPayment, first: NewAttempt, now: number): Payment {
  const at = timeAfter(now, details.order_changed_at ?? "");
  return {
    ...details,
    attempts: [toAttempt(first, 1, now)],
    refunds: [],
    seq: 0,
    history: [{ at, status: "pending", note: "attempt 1 begun" }],
    created_at: at,
    updated_at: at,
    outbox: [],
  };
}

/** The payment has changed since the lease was requested, so an event of an earlier attempt could end the lease. Request a new one. */
export class LeaseSuperseded extends Error {
  readonly code = "lease_superseded";
  /** The payment's present `seq`. */
  readonly seq: number;

  constructor(seq: number) {
    super(`The payment has changed: its seq is now ${seq}`);
    this.name = "LeaseSuperseded";
    this.seq = seq;
  }
}

/**
 * Adds an attempt; returns the same payment if the same request has already added one. `fencingSeq` is the payment's `seq` that
 * the lease follows: an event of an earlier attempt must not end the lease of this one.
 * @throws {DomainError} conflict `payment_in_progress`, `already_paid`, `too_many_attempts`; invalid `idempotency_key_reused`.
 * @throws {LeaseSuperseded} when the payment has changed since.
 */
export function beginAttempt(
  payment: Payment,
  next: NewAttempt,
  now: number,
  fencingSeq = payment.seq,
): Payment {
  if (replayOf(payment, next.creation)) return payment;
  if (liveAttempt(payment)) throw conflict("payment_in_progress", "The order is being paid already.");
  // Also when it was refunded in full: only the order decides whether it can be paid again.
  if (acceptedCapture(payment)) throw conflict("already_paid", "The order is paid already.");
  if (payment.attempts.filter((attempt) => !isExtra(attempt)).length >= MAX_ATTEMPTS) {
    throw conflict(TOO_MANY_ATTEMPTS, `An order has at most ${MAX_ATTEMPTS} payment attempts.`);
  }
  if (payment.seq !== fencingSeq) throw new LeaseSuperseded(payment.seq);
  const attempt = toAttempt(next, payment.attempts.length + 1, now);
  const begun: Payment = { ...payment, attempts: [...payment.attempts, attempt] };
  return withHistory(begun, now, `attempt ${attempt.no} begun`);
}

/**
 * True when this request has already created an attempt of `payment`.
 * @throws {DomainError} invalid `idempotency_key_reused` when it had another body.
 */
export function replayOf(payment: Payment, creation: Creation): boolean {
  const earlier = payment.attempts.find((attempt) => attempt.key === creation.id);
  if (earlier) checkReplay(creation, { fingerprint: earlier.fingerprint, deleted: false });
  return earlier !== undefined;
}

/**
 * Applies what the provider reports about the attempt `reference`. Returns the same payment when that is not new, or unreadable
 * (charge-report.ts then stores it as an unmatched transaction).
 * @throws {DomainError} not found when there is no such attempt.
 * @throws {SurplusCapture} when the payment has no room for another capture; see surplus-capture.ts.
 */
export function applyCharge(payment: Payment, reference: string, charge: ChargeState, now: number): Payment {
  const attempt = attemptOf(payment, reference);
  switch (charge.state) {
    case "captured":
      return capture(payment, attempt, charge, now);
    case "failed":
      return accepts(attempt, "fail") ? fail(payment, attempt, now) : payment;
    case "closed":
      return accepts(attempt, "close") ? close(payment, attempt, "close", "expired", now) : payment;
    case "processing":
      return accepts(attempt, "process")
        ? withHistory(stepAttempt(payment, attempt, "process", now), now, "being processed by the provider")
        : payment;
    case "open":
    case "unreadable":
      return payment;
  }
}

type Capture = Extract<ChargeState, { state: "captured" }>;

/** Records a capture once. If it does not pay the order, the same write requires its full refund. */
function capture(payment: Payment, attempt: Attempt, charge: Capture, now: number): Payment {
  const known = payment.attempts.some((other) => other.transaction_id === charge.transaction_id);
  if (known) return payment;
  const reason = objection(payment, attempt, charge);
  const money = {
    transaction_id: charge.transaction_id,
    captured_amount: charge.amount,
    captured_currency: charge.currency,
  };
  if (!accepts(attempt, "capture")) return captureAgain(payment, { ...attempt, ...money }, now);
  const captured = withHistory(stepAttempt(payment, attempt, "capture", now, money), now, "captured");
  return reason === undefined
    ? withPaymentEvent(captured, now)
    : requireRefund(captured, attempt.no, reason, now);
}

/** Why a capture does not pay the order; undefined when there is no reason. */
function objection(payment: Payment, attempt: Attempt, charge: Capture): RefundCause | undefined {
  if (attempt.status === "failed") return REFUND_CAUSE.attempt_failed;
  if (attempt.status === "closed") return REFUND_CAUSE.attempt_closed;
  if (acceptedCapture(payment)) return REFUND_CAUSE.already_paid;
  if (charge.currency !== payment.currency) return REFUND_CAUSE.other_currency;
  return charge.amount === attempt.amount ? undefined : REFUND_CAUSE.other_amount;
}

const EXTRA_KEY = "again:";

/** True for an attempt that was created for a second transaction, not by a request. */
export const isExtra = ({ key }: Pick<Attempt, "key">): boolean => key.startsWith(EXTRA_KEY);

/**
 * Stores a second transaction of one attempt as an attempt of its own, so that its money is refunded.
 * @throws {SurplusCapture} when the payment already has {@link MAX_EXTRA_CAPTURES} of them.
 */
function captureAgain(payment: Payment, again: Attempt, now: number): Payment {
  const extra: Attempt = {
    ...again,
    no: payment.attempts.length + 1,
    checkout: {},
    refund_required: null,
    key: `${EXTRA_KEY}${again.transaction_id}`,
    created_at: iso(now),
    ended_at: iso(now),
  };
  if (payment.attempts.filter(isExtra).length >= MAX_EXTRA_CAPTURES) {
    throw new SurplusCapture(payment, surplusPayment(payment, extra, REFUND_CAUSE.paid_twice, now));
  }
  // The same write requires its refund, so it is never an accepted capture beside the first.
  const doubled: Payment = { ...payment, attempts: [...payment.attempts, extra] };
  return requireRefund(doubled, extra.no, REFUND_CAUSE.paid_twice, now);
}

function fail(payment: Payment, attempt: Attempt, now: number): Payment {
  const failed = withHistory(
    stepAttempt(payment, attempt, "fail", now),
    now,
    `attempt ${attempt.no} failed at the provider`,
  );
  const fact: PaymentOutboxEvent = { to: "parties", event: ATTEMPT_RULES.fail.event, attempt: attempt.no };
  return withPaymentEvent(withPartyEvent(failed, `failed:${attempt.no}`, fact, now), now);
}

/**
 * Cancels an attempt for its payer, after it was closed at the provider.
 * @throws {DomainError} conflict `payment_not_cancellable`.
 */
export function cancelAttempt(payment: Payment, reference: string, reason: string, now: number): Payment {
  return close(payment, requireCancellable(payment, reference), "cancel", reason, now);
}

/** Returns the attempt if it can be cancelled. @throws {DomainError} conflict `payment_not_cancellable`. */
export function requireCancellable(payment: Payment, reference: string): Attempt {
  const attempt = attemptOf(payment, reference);
  requireTarget<AttemptStatus>(ATTEMPT_RULES.cancel, attempt.status, "A payment attempt");
  return attempt;
}

function close(
  payment: Payment,
  attempt: Attempt,
  command: "cancel" | "close",
  note: string,
  now: number,
): Payment {
  const closed_as = command === "cancel" ? "cancelled" : "expired";
  const closed = stepAttempt(payment, attempt, command, now, { closed_as });
  return withPaymentEvent(withHistory(closed, now, note), now);
}

/**
 * Applies the provider's reply to a check of an attempt (undefined: there was none), and sets the time of the next check. An
 * attempt that lasts longer than its time extends the lease of its order.
 */
export function applyCheck(
  payment: Payment,
  reference: string,
  answer: ChargeState | undefined,
  now: number,
): Payment {
  const updated = answer ? applyCharge(payment, reference, answer, now) : payment;
  const attempt = attemptOf(updated, reference);
  const due = checkDue(attempt);
  if (due === undefined) return updated;
  const checks = attempt.checks + 1;
  if (isLive(attempt)) {
    const put = withAttempt(updated, { ...attempt, checks, check_at: iso(nextLiveCheck(attempt, now)) });
    return now < Date.parse(attempt.expires_at) ? put : withPaymentEvent(put, now);
  }
  // This reply ended it, so this was not its last check.
  if (due > now) return updated;
  const open = answer === undefined || answer.state === "processing";
  return withAttempt(updated, {
    ...attempt,
    checks,
    check_at: open ? iso(now + pauseAfter(checks, DELIVERY)) : null,
  });
}

/** Makes a check of the attempt `reference` due at once, for an operator; returns the same payment when there is nothing to check. */
export function checkNow(payment: Payment, reference: string, now: number): Payment {
  const attempt = attemptOf(payment, reference);
  return isUnanswered(attempt) ? withAttempt(payment, { ...attempt, check_at: iso(now) }) : payment;
}

function toAttempt({ creation, ...given }: NewAttempt, no: number, now: number): Attempt {
  const checks = 0;
  return {
    ...given,
    no,
    status: "pending",
    transaction_id: null,
    captured_amount: 0,
    captured_currency: null,
    closed_as: null,
    refund_required: null,
    key: creation.id,
    fingerprint: creation.fingerprint,
    created_at: iso(now),
    ended_at: null,
    check_at: iso(nextLiveCheck({ ...given, checks }, now)),
    checks,
  };
}
