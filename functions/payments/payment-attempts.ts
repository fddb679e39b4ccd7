// The rules of attempts: begin, capture, fail, close. Pure; what the provider reports may come twice, late and in any order.

import { conflict } from "../../lib/core/domain-error.ts";
import { iso } from "../../lib/core/iso.ts";
import { pauseAfter } from "../../lib/core/retry.ts";
import { requireTarget } from "../../lib/core/rules.ts";
import { type Creation, checkReplay } from "../../lib/http/idempotency.ts";
import type { Minor } from "../../lib/money/money.ts";
import { DELIVERY, enqueue } from "../../lib/outbox/outbox.ts";
import { REFUND_CAUSE, type RefundCause } from "../events.ts";
import {
  type Attempt,
  acceptedCapture,
  attemptOf,
  isLive,
  liveAttempt,
  type Payment,
  type PaymentMethod,
  type PaymentOutboxEvent,
  stepAttempt,
  takes,
  withAttempt,
  withHistory,
  withOrderEvent,
} from "./payment.ts";
import { checkDue, isUnanswered, nextLiveCheck } from "./payment-checks.ts";
import { ATTEMPT_RULES } from "./payment-machine.ts";
import { requireRefund } from "./payment-refunds.ts";
import type { AttemptStatus } from "./payment-status.ts";
import type { ChargeState } from "./providers/provider.ts";
import { SurplusCapture, surplusPayment } from "./surplus-capture.ts";

/** Most attempts that people may begin to pay one order. */
export const MAX_ATTEMPTS = 10;
/** Most second transactions that a payment keeps as attempts of their own; one beyond that is a {@link SurplusCapture}. */
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
  readonly currency: string;
}

/** An order's payment with its first attempt. */
export function createPayment(details: NewPayment, first: NewAttempt, now: number): Payment {
  const at = iso(now);
  const payment: Payment = {
    ...details,
    attempts: [toAttempt(first, 1, now)],
    refunds: [],
    seq: 0,
    history: [],
    created_at: at,
    updated_at: at,
    outbox: [],
  };
  return withHistory(payment, now, "attempt 1 begun");
}

/** The payment has changed since the lease was asked for: an event of an earlier attempt could end it. Ask for a new one. */
export class LeaseSuperseded extends Error {
  readonly code = "lease_superseded";
  /** The payment's present `seq`. */
  readonly seq: number;

  constructor(seq: number) {
    super(`The payment is at ${seq} by now`);
    this.name = "LeaseSuperseded";
    this.seq = seq;
  }
}

/**
 * Another attempt; the same payment when the same request made one already. `fencingSeq` is the payment's `seq` that the
 * lease follows: an event of an earlier attempt must not end the lease of this one.
 * @throws {DomainError} conflict `payment_in_progress`, `already_paid`, `too_many_attempts`; 422 `idempotency_key_reused`.
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
  // Also when all of it was given back by hand: whether the order may be paid anew is the order's to say.
  if (acceptedCapture(payment)) throw conflict("already_paid", "The order is paid already.");
  if (payment.attempts.filter((attempt) => !isExtra(attempt)).length >= MAX_ATTEMPTS) {
    throw conflict("too_many_attempts", `An order can be tried to pay ${MAX_ATTEMPTS} times.`);
  }
  if (payment.seq !== fencingSeq) throw new LeaseSuperseded(payment.seq);
  const attempt = toAttempt(next, payment.attempts.length + 1, now);
  const begun: Payment = { ...payment, attempts: [...payment.attempts, attempt] };
  return withHistory(begun, now, `attempt ${attempt.no} begun`);
}

/**
 * True when this very request made an attempt of `payment` before.
 * @throws {DomainError} invalid `idempotency_key_reused` when it had another body.
 */
export function replayOf(payment: Payment, creation: Creation): boolean {
  const earlier = payment.attempts.find((attempt) => attempt.key === creation.id);
  if (earlier) checkReplay(creation, { fingerprint: earlier.fingerprint, deleted: false });
  return earlier !== undefined;
}

/**
 * Applies what the provider reports of the attempt `reference`; the same payment when that is nothing new, or unreadable (then
 * it is kept beside the payment: see charge-report.ts).
 * @throws {DomainError} not found when there is no such attempt.
 * @throws {SurplusCapture} when the payment has no room for another capture; see surplus-capture.ts.
 */
export function applyCharge(payment: Payment, reference: string, charge: ChargeState, now: number): Payment {
  const attempt = attemptOf(payment, reference);
  switch (charge.state) {
    case "captured":
      return capture(payment, attempt, charge, now);
    case "failed":
      return takes(attempt, "fail") ? fail(payment, attempt, now) : payment;
    case "closed":
      return takes(attempt, "close") ? close(payment, attempt, "close", "expired", now) : payment;
    case "processing":
      return takes(attempt, "process")
        ? withHistory(stepAttempt(payment, attempt, "process", now), now, "the provider is at it")
        : payment;
    case "open":
    case "unreadable":
      return payment;
  }
}

type Capture = Extract<ChargeState, { state: "captured" }>;

/** Records a capture once. One that does not pay the order is given back in full by the same write. */
function capture(payment: Payment, attempt: Attempt, charge: Capture, now: number): Payment {
  const known = payment.attempts.some((other) => other.transaction_id === charge.transaction_id);
  if (known) return payment;
  const reason = objection(payment, attempt, charge);
  const money = {
    transaction_id: charge.transaction_id,
    captured_amount: charge.amount,
    captured_currency: charge.currency,
  };
  if (!takes(attempt, "capture")) return captureAgain(payment, { ...attempt, ...money }, now);
  const captured = withHistory(stepAttempt(payment, attempt, "capture", now, money), now, "captured");
  return reason === undefined
    ? withOrderEvent(captured, now)
    : requireRefund(captured, attempt.no, reason, now);
}

/** Why a capture does not pay the order; undefined when it may. */
function objection(payment: Payment, attempt: Attempt, charge: Capture): RefundCause | undefined {
  if (attempt.status === "failed") return REFUND_CAUSE.attempt_failed;
  if (attempt.status === "closed") return REFUND_CAUSE.attempt_closed;
  if (acceptedCapture(payment)) return REFUND_CAUSE.already_paid;
  if (charge.currency !== payment.currency) return REFUND_CAUSE.other_currency;
  return charge.amount === attempt.amount ? undefined : REFUND_CAUSE.other_amount;
}

const EXTRA_KEY = "again:";

/** True for a second transaction of an attempt, which no request began. */
const isExtra = ({ key }: Attempt): boolean => key.startsWith(EXTRA_KEY);

/**
 * A second transaction for one attempt: kept as an attempt of its own, so that its money is given back.
 * @throws {SurplusCapture} when the payment keeps {@link MAX_EXTRA_CAPTURES} of them already.
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
  // Its refund is required by the same write, so it never stands as an accepted capture beside the first.
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
  return withOrderEvent(
    { ...failed, outbox: enqueue<PaymentOutboxEvent>(failed.outbox, `failed:${attempt.no}`, fact, now) },
    now,
  );
}

/**
 * Ends an attempt on its payer's wish, once it is closed at the provider.
 * @throws {DomainError} conflict `payment_not_cancellable`.
 */
export function cancelAttempt(payment: Payment, reference: string, reason: string, now: number): Payment {
  return close(payment, requireCancellable(payment, reference), "cancel", reason, now);
}

/** The attempt, if it can be cancelled. @throws {DomainError} conflict `payment_not_cancellable`. */
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
  return withOrderEvent(withHistory(closed, now, note), now);
}

/**
 * Applies the provider's answer to a check of an attempt (undefined: no answer), and sets the time of the next check. An
 * attempt that goes on beyond its time extends the lease of its order.
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
    return now < Date.parse(attempt.expires_at) ? put : withOrderEvent(put, now);
  }
  // It ended by this very answer: that was not the last check.
  if (due > now) return updated;
  const open = answer === undefined || answer.state === "processing";
  return withAttempt(updated, {
    ...attempt,
    checks,
    check_at: open ? iso(now + pauseAfter(checks, DELIVERY)) : null,
  });
}

/** Has the provider asked at once about the attempt `reference`, on a person's word; the same payment when it is answered. */
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
