// A payment provider for tests of the saga: like Alipay it can't close a charge whose page was not opened, it completes a
// refund only at the second request, and it sends a callback only when a test makes it.

import type { ChargeState, Provider, RefundAnswer } from "../../../functions/payments/providers/provider.ts";
import type { Minor } from "../../../lib/money/money.ts";

export interface BankCharge {
  readonly reference: string;
  readonly amount: Minor;
  readonly expires: number;
  state: "unopened" | "opened" | "paid" | "closed";
  readonly refunds: Map<string, { readonly amount: Minor; done: boolean }>;
}

export interface Bank {
  readonly provider: Provider;
  /** In the order in which they were opened. */
  readonly charges: readonly BankCharge[];
  /** The payer opens the page. */
  look(charge: BankCharge): void;
  /** The payer pays, if the bank still accepts it. */
  pay(charge: BankCharge): void;
  /** The callback about a charge as it stands now. */
  report(charge: BankCharge): string;
}

/** `turn` is awaited before each action of the bank: other steps may run in between. */
export function createBank(now: () => number, turn: (what: string) => Promise<void>): Bank {
  const charges: BankCharge[] = [];
  const find = (reference: string) => charges.find((charge) => charge.reference === reference);

  function stateOf(charge: BankCharge | undefined): ChargeState {
    if (charge?.state === "closed") return { state: "closed" };
    if (charge?.state !== "paid") return { state: "open" };
    const { reference, amount } = charge;
    return { state: "captured", transaction_id: `t-${reference}`, amount, currency: "CNY" };
  }

  /** Accepted at first, done when it is requested again, rejected when it exceeds what remains. */
  function refund(charge: BankCharge | undefined, id: string, amount: Minor): RefundAnswer {
    const known = charge?.refunds.get(id);
    if (known) {
      known.done = true;
      return "done";
    }
    const given = [...(charge?.refunds.values() ?? [])].reduce((sum, one) => sum + one.amount, 0);
    if (charge?.state !== "paid" || given + amount > charge.amount) return "rejected";
    charge.refunds.set(id, { amount, done: false });
    return "pending";
  }

  const provider: Provider = {
    method: "alipay",
    replies: { taken: { status: 200, body: "success" }, refused: () => undefined },
    async open({ reference, amount, expires_at }) {
      await turn("bank opens");
      charges.push({
        reference,
        amount,
        expires: Date.parse(expires_at),
        state: "unopened",
        refunds: new Map(),
      });
      return { provider: "bank", reference };
    },
    async query(reference) {
      await turn("bank is queried");
      const state = stateOf(find(reference));
      await turn("bank has answered");
      return state;
    },
    async close(reference) {
      await turn("bank closes");
      const charge = find(reference);
      if (charge?.state === "opened") charge.state = "closed";
      const state = stateOf(charge);
      await turn("bank has closed");
      return state.state === "captured" ? state : { state: "closed" };
    },
    async refund({ reference, id, amount }) {
      await turn("bank refunds");
      const answer = refund(find(reference), id, amount);
      await turn("bank has refunded");
      return answer;
    },
    async queryRefund({ reference, id }) {
      const known = find(reference)?.refunds.get(id);
      if (!known) return "unknown";
      return known.done ? "done" : "pending";
    },
    async parseCallback(_headers, rawBody) {
      return JSON.parse(rawBody);
    },
  };

  return {
    provider,
    charges,
    look(charge) {
      if (charge.state === "unopened") charge.state = "opened";
    },
    pay(charge) {
      const open = charge.state === "unopened" || charge.state === "opened";
      if (open && now() < charge.expires) charge.state = "paid";
    },
    report: (charge) =>
      JSON.stringify({
        about: "charge",
        text: "paid",
        reference: charge.reference,
        charge: stateOf(charge),
        sent_at: now(),
      }),
  };
}
