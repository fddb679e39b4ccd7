// One order with its payment as a careful client drives it: each step is sent until it is answered, and what was
// acknowledged is written down. The checker then holds the system to it.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAmount } from "../../lib/money/money.ts";
import {
  type Acknowledgement,
  type DealRecord,
  has,
  type PlainStep,
} from "../../tools/promises/deal-record.ts";
import { type Answer, providerCallback, type Shop, sendCallback, shop } from "../support/shop.ts";
import type { SystemUnderTest } from "../support/system-under-test.ts";

/** Everything the checker may know of one order besides the public API. */
export interface Deal extends DealRecord {
  /** Names it in sentences. */
  readonly label: string;
  /** A user of this deal alone, so that everything they see belongs to it. */
  readonly buyer: Shop;
  /** Likewise; the deal has no seller without one. */
  readonly seller: Shop | undefined;
  /** The address in the buyer's token. */
  readonly email: string | undefined;
  readonly total: string;
  orderId: string | undefined;
  paymentId: string | undefined;
  readonly acknowledged: Acknowledgement[];
  /** What a race itself saw that must not be, in sentences. */
  readonly objections: string[];
}

export interface DealOptions {
  readonly label: string;
  readonly total?: string;
  /** It has a seller. */
  readonly sold?: boolean;
  /** Its buyer has an address. */
  readonly mailed?: boolean;
}

/** A deal that nothing was done for yet. */
export async function newDeal(
  system: SystemUnderTest,
  { label, total = "100.00", sold = false, mailed = false }: DealOptions,
): Promise<Deal> {
  const sub = randomUUID();
  const email = mailed ? `${sub}@shop.example` : undefined;
  const buyer =
    email === undefined ? shop(system) : shop(system, sub, await system.credentials({ sub, email }));
  return dealBetween({ label, buyer, seller: sold ? shop(system) : undefined, email, total });
}

export const dealBetween = (terms: Pick<Deal, "label" | "buyer" | "seller" | "email" | "total">): Deal => ({
  ...terms,
  orderId: undefined,
  paymentId: undefined,
  acknowledged: [],
  objections: [],
});

export interface DriverOptions {
  /** How long one step may be repeated, in milliseconds. */
  readonly withinMs?: number;
  /** Called for every request that got no answer or a 5xx, and is sent again: what it got. */
  readonly onRepeat?: (got: string) => void;
}

/** What the provider took: the body and signature are made anew for each try, as a provider does. */
export interface Capture {
  readonly transaction: string;
  readonly reference: string;
  readonly amount: string;
  readonly currency: string;
}

const PAUSE_MS = 50;
const WITHIN_MS = 300_000;

/**
 * Takes the steps of deals of `system`. Every method returns the first answer below 500; those below 300 are written down.
 */
export function driver(
  system: SystemUnderTest,
  { withinMs = WITHIN_MS, onRepeat = () => {} }: DriverOptions = {},
) {
  async function answered(what: string, ask: () => Promise<Answer>): Promise<Answer> {
    const deadline = performance.now() + withinMs;
    let last: unknown;
    while (performance.now() < deadline) {
      const answer = await ask().catch((error: unknown) => {
        last = error;
        return undefined;
      });
      if (answer && answer.status < 500) return answer;
      if (answer) last = `${answer.status} ${JSON.stringify(answer.body)}`;
      onRepeat(`${what}: ${String(last)}`);
      await sleep(PAUSE_MS);
    }
    throw new Error(`Not within ${withinMs} ms: ${what} is answered (last: ${String(last)})`);
  }

  const noted = (deal: Deal, answer: Answer, note: Acknowledgement): Answer => {
    const first = answer.headers["idempotent-replayed"] === undefined;
    if (answer.status < 300 && (first || !has(deal, note.what))) deal.acknowledged.push(note);
    return answer;
  };

  const step =
    (what: string, note: PlainStep, ask: (deal: Deal) => Promise<Answer>) =>
    async (deal: Deal): Promise<Answer> =>
      noted(deal, await answered(what, () => ask(deal)), { what: note });

  const callback = (changes: object, capture: Capture) => {
    const { reference, amount, currency, transaction } = capture;
    const payment = { amount, currency, checkout: { reference } };
    const now = system.now();
    const said = { transaction_id: transaction, occurred_at: new Date(now).toISOString(), ...changes };
    return sendCallback(system, providerCallback(system.sandboxSecret, payment, said, now));
  };

  return {
    /** Creates the deal's order; sent again under the same key. */
    async order(deal: Deal): Promise<Answer> {
      const { seller, total } = deal;
      const body = { customer_name: deal.label.slice(0, 100), total_amount: total };
      const sold = seller ? { ...body, seller_id: seller.user } : body;
      const key = { "idempotency-key": randomUUID() };
      const answer = await answered("an order", () => deal.buyer.order(sold, key));
      if (answer.status < 300) deal.orderId = answer.body.id;
      return noted(deal, answer, { what: "order created" });
    },
    /** Begins to pay; sent again under `key`. */
    async pay(deal: Deal, key: string = randomUUID()): Promise<Answer> {
      const answer = await answered("a payment", () =>
        deal.buyer.pay(idOf(deal.orderId), { "idempotency-key": key }),
      );
      if (answer.status < 300) deal.paymentId = answer.body.id;
      return noted(deal, answer, { what: "payment begun" });
    },
    /** Tells of `capture` until it is taken. Telling it again is the same capture. */
    async capture(deal: Deal, capture: Capture): Promise<Answer> {
      const answer = await answered("a callback", () => callback({ outcome: "success" }, capture));
      const amount = parseAmount(capture.amount) ?? 0;
      const known = deal.acknowledged.some(
        (note) => note.what === "capture taken" && note.transaction === capture.transaction,
      );
      if (known) return answer;
      return noted(deal, answer, { what: "capture taken", transaction: capture.transaction, amount });
    },
    /** Tells that the attempt failed. */
    failure: (capture: Capture): Promise<Answer> =>
      answered("a callback", () => callback({ outcome: "failure" }, capture)),
    /** Makes the sandbox provider take the money; it then sends its callback by itself. */
    async simulate(deal: Deal): Promise<Answer> {
      const answer = await answered("a decision", () => deal.buyer.simulate(idOf(deal.paymentId)));
      const amount = parseAmount(deal.total) ?? 0;
      return noted(deal, answer, { what: "capture taken", transaction: "the sandbox's own", amount });
    },
    cancel: step("a cancellation", "order cancelled", ({ buyer, orderId }) =>
      buyer.cancelOrder(idOf(orderId)),
    ),
    complete: step("a completion", "order completed", ({ buyer, orderId }) =>
      buyer.completeOrder(idOf(orderId)),
    ),
    remove: step("a deletion", "order deleted", ({ buyer, orderId }) => buyer.deleteOrder(idOf(orderId))),
    cancelPayment: step("an end of the attempt", "payment cancelled", ({ buyer, paymentId }) =>
      buyer.cancelPayment(idOf(paymentId)),
    ),
    /** Asks for `amount` back; sent again under `key`. */
    async refund(deal: Deal, amount: string, key: string = randomUUID()): Promise<Answer> {
      const body = { amount, reason: "not needed" };
      const answer = await answered("a refund", () =>
        deal.buyer.refund(idOf(deal.paymentId), body, { "idempotency-key": key }),
      );
      const known = deal.acknowledged.some((note) => note.what === "refund taken" && note.key === key);
      if (answer.status < 300 && !known)
        deal.acknowledged.push({ what: "refund taken", key, amount: parseAmount(amount) ?? 0 });
      return answer;
    },
  };
}

export type Driver = ReturnType<typeof driver>;

/** What the provider takes for the attempt that `payment` shows; `changes` for what it should not. */
export function captureOf(
  payment: {
    readonly amount: string;
    readonly currency: string;
    readonly checkout: { readonly reference: string };
  },
  changes: Partial<Capture> = {},
): Capture {
  const { amount, currency, checkout } = payment;
  return { transaction: `t-${randomUUID()}`, reference: checkout.reference, amount, currency, ...changes };
}

function idOf(id: string | undefined): string {
  if (id === undefined) throw new Error("This step needs one that was acknowledged before");
  return id;
}
