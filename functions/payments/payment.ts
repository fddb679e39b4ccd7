// A payment: all attempts to pay one order, and their refunds. Its type, its steps, and what is derived from them.

import type { User } from "../../lib/auth/caller.ts";
import { sellsAs } from "../../lib/auth/scopes.ts";
import { forbidden, notFound } from "../../lib/core/domain-error.ts";
import { iso } from "../../lib/core/iso.ts";
import type { Locale } from "../../lib/core/locales.ts";
import { requireTarget, targetOf } from "../../lib/core/rules.ts";
import { latest, timeAfter } from "../../lib/core/time-after.ts";
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
  /** Identifies it at the provider; see reference.ts. */
  readonly reference: string;
  /** What the payer needs in order to pay. */
  readonly checkout: Readonly<Record<string, string>>;
  /** Set by a capture only. */
  readonly transaction_id: string | null;
  readonly captured_amount: Minor;
  readonly captured_currency: string | null;
  /** Why a closed attempt was closed. */
  readonly closed_as: "cancelled" | "expired" | null;
  /** Why the capture does not pay the order and has to be refunded in full; null when it has not. */
  readonly refund_required: string | null;
  /** Identifies the creating request; `fingerprint` is that of its body. */
  readonly key: string;
  readonly fingerprint: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly ended_at: string | null;
  /** Time of the next check at the provider (see payment-checks.ts; null: none); `checks` counts those without a result. */
  readonly check_at: string | null;
  readonly checks: number;
}

export interface Refund {
  readonly id: string;
  /** Number of the attempt whose capture it refunds. */
  readonly attempt: number;
  readonly amount: Minor;
  readonly reason: string;
  /** True when the system itself refunds a capture that does not pay the order. */
  readonly automatic: boolean;
  readonly status: RefundStatus;
  readonly fingerprint: string;
  readonly created_at: string;
  readonly done_at: string | null;
  /** Number of calls to the provider so far; `next_at` is the time of the next one. */
  readonly tries: number;
  readonly next_at: string;
  /** True while the provider says that a person has to complete it there. */
  readonly abnormal?: true;
}

/** An outbox event of a payment: the payment event for its order (built at delivery), or an event for the parties. */
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
  /** The payer's address from the order, for mail about this payment; not shown to anyone. */
  readonly buyer_email: string | null;
  /** The language in which the order was placed, if it is known; not in payments of earlier versions. */
  readonly buyer_locale?: Locale;
  readonly currency: string;
  readonly attempts: readonly Attempt[];
  readonly refunds: readonly Refund[];
  /** Increases with each change that is delivered to the order. */
  readonly seq: number;
  readonly history: readonly { readonly at: string; readonly status: PaymentStatus; readonly note: string }[];
  readonly created_at: string;
  readonly updated_at: string;
  /** When its order last changed, as far as it knows: what the payment does after it is later. Not in payments of earlier versions. */
  readonly order_changed_at?: string;
  readonly outbox: Outbox<PaymentOutboxEvent>;
}

const HISTORY_LIMIT = 50;

/** The live attempt; there is at most one. */
export const liveAttempt = (payment: Payment): Attempt | undefined => payment.attempts.find(isLive);

export const isLive = (attempt: Attempt): boolean =>
  attempt.status === "pending" || attempt.status === "processing";

/** The attempt with this number. */
export const attemptNo = (payment: Payment, no: number): Attempt | undefined =>
  payment.attempts.find((attempt) => attempt.no === no);

/** The capture that pays the order, unless the order refuses it; there is at most one. */
export const acceptedCapture = (payment: Payment): Attempt | undefined =>
  payment.attempts.find((attempt) => attempt.status === "captured" && attempt.refund_required === null);

/** What was refunded of the capture of attempt `no`, in minor units. */
export const refundedOf = (payment: Payment, no: number): Minor => sum(payment, no, ["done"]);

/**
 * What can still be refunded of a capture, in minor units: without refunds that are done or in progress. Refunds that were made
 * at the provider, past this system, are not counted: the provider refuses what exceeds the rest.
 */
export const leftOf = (payment: Payment, attempt: Attempt): Minor =>
  attempt.captured_amount - sum(payment, attempt.no, ["due", "requested", "done"]);

function sum(payment: Payment, no: number, statuses: readonly RefundStatus[]): Minor {
  return payment.refunds
    .filter((refund) => refund.attempt === no && statuses.includes(refund.status))
    .reduce((total, refund) => total + refund.amount, 0);
}

/**
 * The attempt that a payment shows: the capture that pays the order, else the live attempt, else a capture that is not yet
 * refunded in full, else the last.
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

/** The attempt with this reference. @throws {DomainError} not found when this payment has none. */
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

/** True when the table has a step for `command` from the attempt's status. */
export const accepts = (attempt: Attempt, command: AttemptCommand): boolean =>
  targetOf<AttemptStatus>(ATTEMPT_RULES[command], attempt.status) !== undefined;

/** Replaces the attempt that has the number of `attempt`. */
export const withAttempt = (payment: Payment, attempt: Attempt): Payment => ({
  ...payment,
  attempts: payment.attempts.map((other) => (other.no === attempt.no ? attempt : other)),
});

/** Adds an entry to the history that users see. */
export function withHistory(payment: Payment, now: number, note: string): Payment {
  const at = timeAfter(now, changedAt(payment));
  const entry = { at, status: statusOf(payment), note };
  return { ...payment, updated_at: at, history: [...payment.history, entry].slice(-HISTORY_LIMIT) };
}

/** When the payment, or what it knows of its order, last changed; in payments of earlier versions the history may go back in time. */
export const changedAt = ({ updated_at, order_changed_at, history }: Payment): string =>
  latest(updated_at, order_changed_at, ...history.map(({ at }) => at));

/** Records when its order last changed; returns the same payment if that is not new. */
export const knowingOrder = (payment: Payment, changed_at: string | undefined): Payment =>
  changed_at !== undefined && changed_at > (payment.order_changed_at ?? "")
    ? { ...payment, order_changed_at: changed_at }
    : payment;

/** Adds an event for the parties: what the last entry of the history says. `id` names it in the outbox. */
export const withPartyEvent = (
  payment: Payment,
  id: string,
  fact: PaymentOutboxEvent,
  now: number,
): Payment => ({
  ...payment,
  outbox: enqueue(payment.outbox, id, fact, now, payment.updated_at),
});

/**
 * Adds the payment event for the order to the outbox, in place of an earlier one: its content is built at delivery, so one is
 * enough. It gets a new id, so that a delivery of the older state that is in progress does not remove it.
 */
export function withPaymentEvent(payment: Payment, now: number): Payment {
  const seq = payment.seq + 1;
  const others = payment.outbox.filter((event) => event.payload.to !== "order");
  return {
    ...payment,
    seq,
    outbox: enqueue<PaymentOutboxEvent>(others, `order:${seq}`, { to: "order" }, now),
  };
}

/** The user who sends a command, from their token. */
export type Actor = Pick<User, "id" | "scopes">;

/**
 * The role in which `actor` acts on the payment.
 * @throws {DomainError} not found for all others, also for the order's seller without the scope `sell`.
 */
export function partyOf({ user_id, seller_id }: Payment, actor: Actor): "payer" | "seller" {
  if (user_id === actor.id) return "payer";
  if (sellsAs(actor, seller_id)) return "seller";
  throw notFound("payment");
}

/** Returns the payment to its parties. @throws {DomainError} not found like {@link partyOf}, and when there is no payment. */
export function visibleTo(payment: Payment | undefined, actor: Actor): Payment {
  if (!payment) throw notFound("payment");
  partyOf(payment, actor);
  return payment;
}

/** @throws {DomainError} forbidden for the seller, who sees the payment but did not make it. */
export function requirePayer(payment: Payment, { id }: Actor): void {
  if (payment.user_id !== id) throw forbidden("not_the_payer", "Only the payer may do this.");
}
