// Whether a payment says what its provider has recorded: pure, by sums alone.

import type { Payment } from "../../functions/payments/payment.ts";
import type { Decision, SandboxCharge } from "../../functions/payments/providers/sandbox/charge.ts";
import type { Minor } from "../../lib/money/money.ts";
import type { OrderFacts } from "./facts.ts";

/** What differs between the stored order, its payment and the provider's records, a sentence each. */
export function providerObjections({ order, payment, charges }: OrderFacts): string[] {
  const captured = charges.flatMap((charge) =>
    charge.decision?.outcome === "success" ? [{ charge, decision: charge.decision }] : [],
  );
  const kept = captured.filter(({ charge, decision }) => refundedAt(charge) < decision.amount);
  const known = captured.map(({ decision }) => decision.transaction_id);
  // Of other providers there are no records here; `npm run reconcile` asks them.
  const recorded =
    payment?.attempts.filter(({ status, method }) => status === "captured" && method === "sandbox") ?? [];
  const lines = order?.lines ?? [];
  const sum = lines.reduce((total, { unit_price, quantity }) => total + unit_price * quantity, 0);
  return [
    ...captured.flatMap((one) => captureObjections(payment, one)),
    ...recorded
      .filter(({ transaction_id }) => !known.includes(transaction_id ?? ""))
      .map(
        ({ captured_amount }) =>
          `${money(captured_amount)} is recorded as captured, and the provider has no such capture`,
      ),
    ...(kept.length > 1 ? [`the provider keeps ${kept.length} captures`] : []),
    ...(order !== undefined && lines.length > 0 && sum !== order.total
      ? [`the order costs ${money(order.total)}, and its lines ${money(sum)}`]
      : []),
  ];
}

function captureObjections(
  payment: Payment | undefined,
  { charge, decision }: { readonly charge: SandboxCharge; readonly decision: Decision },
): string[] {
  const { transaction_id, amount } = decision;
  const attempt = payment?.attempts.find((one) => one.transaction_id === transaction_id);
  if (attempt === undefined) return [`the provider captured ${money(amount)}, which is not recorded`];
  const given = refundedAt(charge);
  const done = payment?.refunds.filter((one) => one.attempt === attempt.no && one.status === "done") ?? [];
  const recorded = done.reduce((total, refund) => total + refund.amount, 0);
  return [
    ...(attempt.captured_amount === amount
      ? []
      : [`the provider captured ${money(amount)}, and ${money(attempt.captured_amount)} is recorded`]),
    ...(given > amount ? [`the provider refunded ${money(given)} of ${money(amount)}`] : []),
    ...(given === recorded
      ? []
      : [`the provider refunded ${money(given)}, and ${money(recorded)} is recorded`]),
  ];
}

const refundedAt = ({ refunds, decision }: SandboxCharge): Minor =>
  refunds
    .filter(({ transaction_id }) => transaction_id === decision?.transaction_id)
    .reduce((total, { amount }) => total + amount, 0);

const money = (amount: Minor): string => (amount / 100).toFixed(2);
