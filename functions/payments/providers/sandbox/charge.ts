// A charge at the sandbox provider: its decision and its refunds. The rules; pure.

import { conflict } from "../../../../lib/core/domain-error.ts";
import type { Minor } from "../../../../lib/money/money.ts";
import { enqueue, type Outbox } from "../../../../lib/outbox/outbox.ts";
import type { ChargeState, RefundAnswer, RefundOrder } from "../provider.ts";

export type Outcome = "success" | "failure";

/** The provider's final decision about a charge. */
export interface Decision {
  readonly outcome: Outcome;
  readonly transaction_id: string;
  readonly amount: Minor;
  readonly currency: string;
  readonly decided_at: string;
}

/** A charge that the provider knows: one that was decided or closed, or had a refund. */
export interface SandboxCharge {
  readonly reference: string;
  readonly decision: Decision | null;
  readonly closed: boolean;
  readonly refunds: readonly {
    readonly id: string;
    readonly transaction_id: string;
    readonly amount: Minor;
  }[];
  /** The callbacks to be sent; each is built and signed when it is sent. */
  readonly outbox: Outbox<Callback>;
}

/** One that says what was decided, or one of a provider that reports an amount other than it has recorded. */
export type Callback = "callback" | { readonly amount: Minor };

/** Maximum number of refunds of the transaction that it decided; PaymentService requests fewer. */
export const MAX_OWN_REFUNDS = 40;
/** Maximum number of refunds of transactions that others signed, see {@link capturedBy}; counted separately from its own. */
export const MAX_OTHER_REFUNDS = 200;

/** A charge without decision and refunds. */
export const newCharge = (reference: string): SandboxCharge => ({
  reference,
  decision: null,
  closed: false,
  refunds: [],
  outbox: [],
});

/**
 * Records the decision, once; the same decision again changes nothing.
 * @throws {DomainError} conflict `charge_decided`, `charge_closed`.
 */
export function decide(charge: SandboxCharge, decision: Decision, now: number): SandboxCharge {
  if (charge.decision) {
    if (charge.decision.outcome === decision.outcome) return charge;
    throw conflict("charge_decided", `The sandbox has already decided: ${charge.decision.outcome}.`);
  }
  if (charge.closed) throw conflict("charge_closed", "The attempt was closed; begin another payment.");
  return { ...charge, decision, outbox: enqueue(charge.outbox, "callback", "callback", now) };
}

/** Closes a charge without a decision; returns the same charge if it is decided or closed. */
export const close = (charge: SandboxCharge): SandboxCharge =>
  charge.decision || charge.closed ? charge : { ...charge, closed: true };

/** The status of the charge, in the terms of the provider port. */
export function stateOf(charge: SandboxCharge | undefined): ChargeState {
  const decision = charge?.decision;
  if (!decision) return { state: charge?.closed ? "closed" : "open" };
  if (decision.outcome === "failure") return { state: "failed" };
  const { transaction_id, amount, currency } = decision;
  return { state: "captured", transaction_id, amount, currency };
}

/**
 * Adds a refund: once per id, never more than was captured, up to the maximum number. Returns the same charge if it exists or is
 * refused. The payment parks a refused refund, so none is lost.
 */
export function refund(charge: SandboxCharge, order: RefundOrder): SandboxCharge {
  const { id, transaction_id, amount } = order;
  if (charge.refunds.some((known) => known.id === id)) return charge;
  const isOwn = (transaction: string) => transaction === charge.decision?.transaction_id;
  const kept = charge.refunds.filter((known) => isOwn(known.transaction_id) === isOwn(transaction_id));
  if (kept.length >= (isOwn(transaction_id) ? MAX_OWN_REFUNDS : MAX_OTHER_REFUNDS)) return charge;
  const given = kept
    .filter((known) => known.transaction_id === transaction_id)
    .reduce((sum, known) => sum + known.amount, 0);
  if (given + amount > capturedBy(charge, order)) return charge;
  return { ...charge, refunds: [...charge.refunds, { id, transaction_id, amount }] };
}

/** The provider's reply to a refund request, after {@link refund}. */
export const refundAnswer = (charge: SandboxCharge, id: string): RefundAnswer =>
  charge.refunds.some((known) => known.id === id) ? "done" : "rejected";

/**
 * The amount that a transaction captured. Whoever has the sandbox's secret may sign captures of their own (tests do); their
 * amount is that of the signed callback.
 */
function capturedBy({ decision }: SandboxCharge, order: RefundOrder): Minor {
  const own = decision?.outcome === "success" && decision.transaction_id === order.transaction_id;
  return own ? decision.amount : order.captured_amount;
}
