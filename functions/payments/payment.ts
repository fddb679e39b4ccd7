// A payment: all attempts to pay one order and all that was given back. Its shape, its steps, and what follows from them.

import type { User } from "../../lib/auth/caller.ts";
import { sellsAs } from "../../lib/auth/scopes.ts";
import { forbidden, notFound } from "../../lib/core/domain-error.ts";
import { iso } from "../../lib/core/iso.ts";
import { requireTarget, targetOf } from "../../lib/core/rules.ts";
import type { Minor } from "../../lib/money/money.ts";
import { enqueue, type Outbox } from "../../lib/outbox/outbox.ts";
import type { PaymentEventName } from "../events.ts";
import { lastCheck } from "./payment-checks.ts";
import { ATTEMPT_RULES, type AttemptCommand } from "./payment-machine.ts";
import type { PaymentMethod } from "./payment-method.ts";
import type { AttemptStatus, PaymentStatus, RefundStatus } from "./payment-status.ts";

export type { AttemptStatus, PaymentMethod, PaymentStatus, RefundStatus };

export interface Attempt {
  /** 1, 2, … within the payment. */
  readonly no: number;
  readonly method: PaymentMethod;
  readonly amount: Minor;
  readonly status: AttemptStatus;
  /** What the provider knows it by; see reference.ts. */
  readonly reference: string;
  /** What the payer needs in order to pay. */
  readonly checkout: Readonly<Record<string, string>>;
  /** Set by a capture, and by nothing else. */
  readonly transaction_id: string | null;
  readonly captured_amount: Minor;
  readonly captured_currency: string | null;
  /** Why a closed attempt was closed. */
  readonly closed_as: "cancelled" | "expired" | null;
  /** Why the capture does not pay the order and is given back in full. */
  readonly refund_required: string | null;
  /** What the creating request is known by, and the fingerprint of its body. */
  readonly key: string;
  readonly fingerprint: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly ended_at: string | null;
  /** When the provider is asked about it next (see payment-checks.ts; null: never), and how often that was in vain. */
  readonly check_at: string | null;
  readonly checks: number;
}

export interface Refund {
  readonly id: string;
  /** Number of the attempt whose capture it gives back. */
  readonly attempt: number;
  readonly amount: Minor;
  readonly reason: string;
  /** True when the system itself gives back a capture that pays nothing. */
  readonly automatic: boolean;
  readonly status: RefundStatus;
  readonly fingerprint: string;
  readonly created_at: string;
  readonly done_at: string | null;
  /** How often the provider was asked without an end, and when it is asked again. */
  readonly tries: number;
  readonly next_at: string;
}

/** What a payment owes to others: word to its order (built when it is delivered), and facts to the parties. */
export type PaymentOutboxEvent =
  | { readonly to: "order" }
  | {
      readonly to: "parties";
      readonly event: Extract<PaymentEventName, "payment.failed">;
      readonly attempt: number;
    }
  | {
      readonly to: "parties";
      readonly event: Extract<PaymentEventName, "payment.refunded">;
      readonly refund: string;
    };

export interface Payment {
  readonly id: string;
  readonly order_id: string;
  readonly user_id: string;
  readonly seller_id: string | null;
  /** The payer's address as the order knows it, for mail about this payment; never shown. */
  readonly buyer_email: string | null;
  readonly currency: string;
  readonly attempts: readonly Attempt[];
  readonly refunds: readonly Refund[];
  /** Grows with each change that the order must hear of. */
  readonly seq: number;
  readonly history: readonly { readonly at: string; readonly status: PaymentStatus; readonly note: string }[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly outbox: Outbox<PaymentOutboxEvent>;
}

const HISTORY_LIMIT = 50;

/** The attempt that is under way; there is one at most. */
export const liveAttempt = (payment: Payment): Attempt | undefined => payment.attempts.find(isLive);

export const isLive = (attempt: Attempt): boolean =>
  attempt.status === "pending" || attempt.status === "processing";

/** The capture that pays the order unless the order says otherwise; there is one at most. */
export const acceptedCapture = (payment: Payment): Attempt | undefined =>
  payment.attempts.find((attempt) => attempt.status === "captured" && attempt.refund_required === null);

/** What was given back of the capture of attempt `no`. */
export const refundedOf = (payment: Payment, no: number): Minor => sum(payment, no, ["done"]);

/** What can still be given back of a capture: not yet given back, nor under way. */
export const leftOf = (payment: Payment, attempt: Attempt): Minor =>
  attempt.captured_amount - sum(payment, attempt.no, ["due", "requested", "done"]);

function sum(payment: Payment, no: number, statuses: readonly RefundStatus[]): Minor {
  return payment.refunds
    .filter((refund) => refund.attempt === no && statuses.includes(refund.status))
    .reduce((total, refund) => total + refund.amount, 0);
}

/**
 * The attempt that a payment is shown as: the capture that pays the order, else what is under way, else a capture
 * whose money is not all given back yet, else the last.
 */
export function shownAttempt(payment: Payment): Attempt {
  const last = payment.attempts.at(-1);
  if (!last) throw new Error(`Payment ${payment.id} has no attempt`);
  const owed = payment.attempts.find(
    (attempt) => attempt.status === "captured" && refundedOf(payment, attempt.no) < attempt.captured_amount,
  );
  return acceptedCapture(payment) ?? liveAttempt(payment) ?? owed ?? last;
}

/** The payment's status as users see it. */
export function statusOf(payment: Payment): PaymentStatus {
  const attempt = shownAttempt(payment);
  if (attempt.status === "closed") return attempt.closed_as ?? "expired";
  if (attempt.status !== "captured") return attempt.status;
  const refunded = refundedOf(payment, attempt.no);
  if (refunded === 0) return "succeeded";
  return refunded < attempt.captured_amount ? "partially_refunded" : "refunded";
}

/** @throws {DomainError} not found when the provider means an attempt that this payment does not have. */
export function attemptOf(payment: Payment, reference: string): Attempt {
  const attempt = payment.attempts.find((candidate) => candidate.reference === reference);
  if (!attempt) throw notFound("payment attempt");
  return attempt;
}

/** What `command` does to an attempt. @throws {DomainError} conflict where the table refuses it; see lib/core/rules.ts. */
export function stepAttempt(
  payment: Payment,
  attempt: Attempt,
  command: AttemptCommand,
  now: number,
  also: Partial<Attempt> = {},
): Payment {
  const to = requireTarget<AttemptStatus>(ATTEMPT_RULES[command], attempt.status, "A payment attempt");
  if (to === "processing") return withAttempt(payment, { ...attempt, ...also, status: to, ended_at: null });
  const last = to === "captured" ? undefined : lastCheck(attempt, now);
  const check_at = last === undefined ? null : iso(last);
  return withAttempt(payment, { ...attempt, ...also, status: to, ended_at: iso(now), check_at, checks: 0 });
}

/** True where the table has a step of its own for `command`. */
export const takes = (attempt: Attempt, command: AttemptCommand): boolean =>
  targetOf<AttemptStatus>(ATTEMPT_RULES[command], attempt.status) !== undefined;

/** The payment with `attempt` in the place of the one with its number. */
export const withAttempt = (payment: Payment, attempt: Attempt): Payment => ({
  ...payment,
  attempts: payment.attempts.map((other) => (other.no === attempt.no ? attempt : other)),
});

/** Writes what happened into the history that users see. */
export function withHistory(payment: Payment, now: number, note: string): Payment {
  const at = iso(now);
  const entry = { at, status: statusOf(payment), note };
  return { ...payment, updated_at: at, history: [...payment.history, entry].slice(-HISTORY_LIMIT) };
}

/**
 * Owes the order word of how the payment stands. One event is enough, since it tells the state there is when it is
 * delivered; it gets a new id, so that a delivery of the older state does not count as this one's.
 */
export function withOrderEvent(payment: Payment, now: number): Payment {
  const seq = payment.seq + 1;
  const others = payment.outbox.filter((event) => event.payload.to !== "order");
  return {
    ...payment,
    seq,
    outbox: enqueue<PaymentOutboxEvent>(others, `order:${seq}`, { to: "order" }, now),
  };
}

/** Whose token a command came with. */
export type Actor = Pick<User, "id" | "scopes">;

/**
 * As which party `actor` acts on the payment.
 * @throws {DomainError} not found for a stranger, also for one who is named as the order's seller and may not sell.
 */
export function partyOf({ user_id, seller_id }: Payment, actor: Actor): "payer" | "seller" {
  if (user_id === actor.id) return "payer";
  if (sellsAs(actor, seller_id)) return "seller";
  throw notFound("payment");
}

/** The payment itself, for its parties. @throws {DomainError} not found as {@link partyOf}, and when there is none. */
export function visibleTo(payment: Payment | undefined, actor: Actor): Payment {
  if (!payment) throw notFound("payment");
  partyOf(payment, actor);
  return payment;
}

/** @throws {DomainError} forbidden for the seller, who sees the payment but did not make it. */
export function requirePayer(payment: Payment, { id }: Actor): void {
  if (payment.user_id !== id) throw forbidden("not_the_payer", "Only the payer may do this.");
}
