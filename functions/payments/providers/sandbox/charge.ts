// A charge at the sandbox provider: what it decided, and what it gave back. The rules; pure.

import { conflict } from "../../../../lib/core/domain-error.ts";
import type { Minor } from "../../../../lib/money/money.ts";
import { enqueue, type Outbox } from "../../../../lib/outbox/outbox.ts";
import type { ChargeState, RefundAnswer, RefundOrder } from "../provider.ts";

export type Outcome = "success" | "failure";

/** What the provider decided about a charge, for good. */
export interface Decision {
  readonly outcome: Outcome;
  readonly transaction_id: string;
  readonly amount: Minor;
  readonly currency: string;
  readonly decided_at: string;
}

/** A charge the provider has heard of: one that was decided or closed, or of which something was given back. */
export interface SandboxCharge {
  readonly reference: string;
  readonly decision: Decision | null;
  readonly closed: boolean;
  readonly refunds: readonly {
    readonly id: string;
    readonly transaction_id: string;
    readonly amount: Minor;
  }[];
  /** The callback that is owed; it is built and signed when it is sent. */
  readonly outbox: Outbox<"callback">;
}

/** Most refunds it keeps of the transaction that it decided; PaymentService asks for fewer. */
export const MAX_OWN_REFUNDS = 40;
/** Most refunds it keeps of all transactions that others signed; see {@link capturedBy}. They take no room from its own. */
export const MAX_OTHER_REFUNDS = 200;

/** A charge that nothing has happened to. */
export const newCharge = (reference: string): SandboxCharge => ({
  reference,
  decision: null,
  closed: false,
  refunds: [],
  outbox: [],
});

/**
 * Decides once; the same decision again changes nothing.
 * @throws {DomainError} conflict `charge_decided`, `charge_closed`.
 */
export function decide(charge: SandboxCharge, decision: Decision, now: number): SandboxCharge {
  if (charge.decision) {
    if (charge.decision.outcome === decision.outcome) return charge;
    throw conflict("charge_decided", `The sandbox has decided already: ${charge.decision.outcome}.`);
  }
  if (charge.closed) throw conflict("charge_closed", "The attempt was closed; begin another payment.");
  return { ...charge, decision, outbox: enqueue(charge.outbox, "callback", "callback", now) };
}

/** Closes what was not decided; the same charge when it was, or is closed. */
export const close = (charge: SandboxCharge): SandboxCharge =>
  charge.decision || charge.closed ? charge : { ...charge, closed: true };

/** How the charge stands, as a provider tells it. */
export function stateOf(charge: SandboxCharge | undefined): ChargeState {
  const decision = charge?.decision;
  if (!decision) return { state: charge?.closed ? "closed" : "open" };
  if (decision.outcome === "failure") return { state: "failed" };
  const { transaction_id, amount, currency } = decision;
  return { state: "captured", transaction_id, amount, currency };
}

/**
 * Gives back once per refund id, never more than was captured, and as often as it has room for; the same charge when it has
 * or refuses to. What it refuses is parked by the payment, so none is lost.
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

/** What the provider answers to a refund order after {@link refund}. */
export const refundAnswer = (charge: SandboxCharge, id: string): RefundAnswer =>
  charge.refunds.some((known) => known.id === id) ? "done" : "rejected";

/**
 * What a transaction captured. Whoever holds the sandbox's secret may sign captures of their own (tests do); those are
 * known by what the signed callback said of them.
 */
function capturedBy({ decision }: SandboxCharge, order: RefundOrder): Minor {
  const own = decision?.outcome === "success" && decision.transaction_id === order.transaction_id;
  return own ? decision.amount : order.captured_amount;
}
