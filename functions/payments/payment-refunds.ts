// The rules of refunds. Pure; a refund is stored before it is requested from the provider. `requireLeft` bounds all of them.

import { conflict } from "../../lib/core/domain-error.ts";
import { derivedId } from "../../lib/core/ids.ts";
import { iso } from "../../lib/core/iso.ts";
import { pauseAfter } from "../../lib/core/retry.ts";
import { requireTarget, targetOf } from "../../lib/core/rules.ts";
import { formatAmount, type Minor } from "../../lib/money/money.ts";
import { DELIVERY, HINT_GRACE_MS } from "../../lib/outbox/outbox.ts";
import {
  type Attempt,
  acceptedCapture,
  attemptNo,
  leftOf,
  type Payment,
  type PaymentMethod,
  type PaymentOutboxEvent,
  type Refund,
  withAttempt,
  withHistory,
  withPartyEvent,
  withPaymentEvent,
} from "./payment.ts";
import { REFUND_RULES, type RefundCommand } from "./payment-machine.ts";
import type { RefundStatus } from "./payment-status.ts";
import type { RefundAnswer, RefundOrder } from "./providers/provider.ts";

/**
 * Maximum number of refunds that users may request per payment; the last one has to be of all that is left, so that small
 * refunds can't make a full one impossible. One more per capture is reserved for refunds that the system requires.
 */
export const MAX_REQUESTED_REFUNDS = 10;

export interface RefundRequest {
  readonly id: string;
  /** Minor units; undefined: all that is left. */
  readonly amount: Minor | undefined;
  readonly reason: string;
  readonly fingerprint: string;
}

/**
 * Adds a refund that a user requests.
 * @throws {DomainError} conflict `payment_not_refundable`, `refund_exceeds_capture`, `last_refund_not_full`,
 * `too_many_refunds`.
 */
export function requestRefund(payment: Payment, request: RefundRequest, now: number): Payment {
  const attempt = refundableAttempt(payment);
  if (!attempt) throw conflict("payment_not_refundable", "There is no capture to refund.");
  const left = leftOf(payment, attempt);
  const amount = request.amount ?? left;
  const requested = withRefund(payment, { ...request, attempt: attempt.no, amount, automatic: false }, now);
  const room = MAX_REQUESTED_REFUNDS - payment.refunds.filter((refund) => !refund.automatic).length;
  if (room <= 0) throw conflict("too_many_refunds", `A payment takes ${MAX_REQUESTED_REFUNDS} refunds.`);
  if (room === 1 && amount < left) {
    throw conflict(
      "last_refund_not_full",
      `A payment takes ${MAX_REQUESTED_REFUNDS} refunds; the last one has to be of all that is left, ${formatAmount(left)}.`,
    );
  }
  return withHistory(requested, now, `refund of ${formatAmount(amount)} requested: ${request.reason}`);
}

/** The capture with an amount left to refund: the one that pays the order, or one whose automatic refund was rejected. */
function refundableAttempt(payment: Payment): Attempt | undefined {
  const accepted = acceptedCapture(payment);
  const candidates = accepted ? [accepted, ...payment.attempts] : payment.attempts;
  const captured = candidates.filter((attempt) => attempt.status === "captured");
  return captured.find((attempt) => leftOf(payment, attempt) > 0) ?? captured[0];
}

/**
 * Requires a full refund of the capture of attempt `no`, because it does not pay the order; returns the same payment if that
 * was already required. Refunds that are done or in progress count towards it.
 */
export function requireRefund(payment: Payment, no: number, reason: string, now: number): Payment {
  const attempt = attemptNo(payment, no);
  if (attempt?.status !== "captured" || attempt.refund_required !== null) return payment;
  const required = withAttempt(payment, { ...attempt, refund_required: reason });
  const amount = leftOf(payment, attempt);
  const id = derivedId("automatic-refund", payment.id, String(no));
  const owed =
    amount > 0
      ? withRefund(required, { id, attempt: no, amount, reason, automatic: true, fingerprint: "" }, now)
      : required;
  const note =
    amount > 0 ? `refund of ${formatAmount(amount)} required: ${reason}` : `pays nothing: ${reason}`;
  return withPaymentEvent(withHistory(owed, now, note), now);
}

/** Records the provider's reply to a refund; undefined: there was none. Returns the same payment if the refund has ended. */
export function recordRefundReply(
  payment: Payment,
  id: string,
  answer: RefundAnswer | undefined,
  now: number,
): Payment {
  const refund = payment.refunds.find((candidate) => candidate.id === id);
  if (!refund || !isOpen(refund)) return payment;
  if (answer === undefined || answer === "pending" || answer === "abnormal") {
    const requested = answer === undefined ? refund : accepted(refund, answer);
    const again = { tries: refund.tries + 1, next_at: iso(now + pauseAfter(refund.tries + 1, DELIVERY)) };
    return replaceRefund(payment, { ...requested, ...again });
  }
  if (answer === "done") return refunded(payment, refund, "finish", now);
  const rejected = replaceRefund(payment, { ...stepRefund(normal(refund), "reject"), done_at: null });
  return withHistory(rejected, now, `refund of ${formatAmount(refund.amount)} rejected by the provider`);
}

/**
 * Records that a rejected refund was made after all, as its provider says now. Returns the same payment if it is not rejected, or if less
 * than its amount is left: then another one has taken its place, and more was refunded than was requested.
 */
export function correctRefund(payment: Payment, id: string, now: number): Payment {
  const refund = payment.refunds.find((candidate) => candidate.id === id);
  if (refund?.status !== "rejected" || refund.amount > leftFor(payment, refund)) return payment;
  return refunded(payment, refund, "correct", now);
}

/** The payment once the money of `refund` is with its payer: parties and order get events. */
function refunded(payment: Payment, refund: Refund, command: "finish" | "correct", now: number): Payment {
  const { id } = refund;
  const settled = replaceRefund(payment, { ...stepRefund(normal(refund), command), done_at: iso(now) });
  const fact: PaymentOutboxEvent = { to: "parties", event: REFUND_RULES[command].event, refund: id };
  const noted = withHistory(settled, now, `refund of ${formatAmount(refund.amount)} done`);
  const recorded = withPartyEvent(noted, `refunded:${id}`, fact, now);
  // The order knows nothing of a capture that does not pay it.
  return acceptedCapture(payment)?.no === refund.attempt ? withPaymentEvent(recorded, now) : recorded;
}

/** A refund as its provider is asked for it. @throws {Error} when it is of no capture. */
export function refundOrder(
  payment: Payment,
  refund: Refund,
): RefundOrder & { readonly method: PaymentMethod } {
  const { id, amount, reason } = refund;
  const attempt = attemptNo(payment, refund.attempt);
  if (!attempt || attempt.transaction_id === null) throw new Error(`Refund ${id} has no capture`);
  return {
    id,
    method: attempt.method,
    reference: attempt.reference,
    transaction_id: attempt.transaction_id,
    amount,
    captured_amount: attempt.captured_amount,
    currency: attempt.captured_currency ?? payment.currency,
    reason,
    asked_before: refund.status !== "due" || refund.tries > 0,
  };
}

/** The refund after its provider has accepted it, and not completed it. */
function accepted(refund: Refund, answer: "pending" | "abnormal"): Refund {
  const requested = stepRefund(normal(refund), "request");
  return answer === "abnormal" ? { ...requested, abnormal: true } : requested;
}

const normal = ({ abnormal: _, ...refund }: Refund): Refund => refund;

/** How long a provider may take to accept a refund, and to complete one that it has accepted, before operators are told; requests go on. */
const ACCEPTED_WITHIN_MS = 60 * 60_000;
const COMPLETED_WITHIN_MS = 7 * 24 * 60 * 60_000;

/**
 * Open refunds that a person has to look at: those that the provider does not complete by itself, and those without a result for long,
 * the next request of which is much later than the first.
 */
export const overdueRefunds = (payment: Payment): Refund[] =>
  openRefunds(payment).filter(({ abnormal, status, tries, created_at, next_at }) => {
    const within = status === "due" ? ACCEPTED_WITHIN_MS : COMPLETED_WITHIN_MS;
    return abnormal === true || (tries > 0 && Date.parse(next_at) > Date.parse(created_at) + within);
  });

/**
 * Makes a refund due for a check at once, because its provider reported a change, or an operator asks; returns the same payment if it
 * has ended.
 */
export function checkRefundNow(payment: Payment, id: string, now: number): Payment {
  const refund = openRefunds(payment).find((candidate) => candidate.id === id);
  if (!refund || Date.parse(refund.next_at) <= now) return payment;
  return replaceRefund(payment, { ...refund, next_at: iso(now) });
}

/** Refunds that have to be requested or checked at the provider at `now`; new ones are due at once. */
export const dueRefunds = (payment: Payment, now: number): Refund[] =>
  openRefunds(payment).filter((refund) => refund.tries === 0 || Date.parse(refund.next_at) <= now);

/** Refunds that have not ended. */
export const openRefunds = (payment: Payment): Refund[] => payment.refunds.filter(isOpen);

const isOpen = ({ status }: Refund): boolean =>
  targetOf<RefundStatus>(REFUND_RULES.finish, status) !== undefined;

/**
 * Rejected refunds that were not replaced. One that the system requires is listed until the whole capture is refunded; one that
 * a user requested, until the next refund of that capture is requested.
 */
export function parkedRefunds(payment: Payment): Refund[] {
  return payment.refunds.filter((refund, index) => {
    if (refund.status !== "rejected") return false;
    const attempt = attemptNo(payment, refund.attempt);
    if (attempt === undefined || leftOf(payment, attempt) === 0) return false;
    const later = payment.refunds.slice(index + 1).some(({ attempt: no }) => no === refund.attempt);
    return refund.automatic || !later;
  });
}

/**
 * Makes a rejected refund due again under its id, for an operator; returns the same payment if it is not rejected.
 * @throws {DomainError} conflict `refund_exceeds_capture` when less than its amount is left.
 */
export function retryRefund(payment: Payment, id: string, now: number): Payment {
  const refund = payment.refunds.find((candidate) => candidate.id === id);
  if (refund?.status !== "rejected") return payment;
  requireLeft(payment, refund);
  const again = { ...stepRefund(refund, "retry"), tries: 0, next_at: iso(now) };
  return withHistory(
    replaceRefund(payment, again),
    now,
    `refund of ${formatAmount(refund.amount)} requested again`,
  );
}

const stepRefund = (refund: Refund, command: RefundCommand): Refund => ({
  ...refund,
  status: requireTarget<RefundStatus>(REFUND_RULES[command], refund.status, "A refund"),
});

/**
 * The bound of all refunds: what is refunded of a capture never exceeds it. Every way to make a refund due passes here.
 * @throws {DomainError} conflict `refund_exceeds_capture` when `amount` is 0 or less, or more than is left of the capture.
 */
function requireLeft(payment: Payment, refund: Pick<Refund, "attempt" | "amount">): void {
  const { amount } = refund;
  const left = leftFor(payment, refund);
  if (amount > 0 && amount <= left) return;
  throw conflict("refund_exceeds_capture", `At most ${formatAmount(left)} can still be refunded.`);
}

/** What is left of the capture that a refund is of. */
function leftFor(payment: Payment, { attempt: no }: Pick<Refund, "attempt">): Minor {
  const attempt = attemptNo(payment, no);
  return attempt?.status === "captured" ? leftOf(payment, attempt) : 0;
}

/** Adds a refund that is due. @throws {DomainError} conflict like {@link requireLeft}. */
function withRefund(
  payment: Payment,
  request: Pick<Refund, "id" | "attempt" | "amount" | "reason" | "automatic" | "fingerprint">,
  now: number,
): Payment {
  requireLeft(payment, request);
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
