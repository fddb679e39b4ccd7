// What users and providers may do at the same moment, or in the wrong order. Each race is one deal; afterwards the
// checker judges it.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, orderIn } from "../../support/shop.ts";
import { type Capture, captureOf, type Deal, type Driver } from "../deal.ts";
import { linearize } from "./linearizability/checker.ts";
import { orderModel } from "./linearizability/order-model.ts";
import { paymentModel } from "./linearizability/payment-model.ts";
import { record } from "./linearizability/record.ts";

export interface Field {
  readonly drive: Driver;
  /** How many requests were sent again so far, because they got no answer or a 5xx. */
  readonly repeats: () => number;
  readonly random: () => number;
}

export interface Race {
  readonly name: string;
  /** Runs the race on a deal that nothing was done for yet. */
  readonly run: (field: Field, deal: Deal, round: number) => Promise<void>;
}

const AT_ONCE = 20;
const OFFSET_MS = 90;

/** A deal with an order and a live attempt to pay it; gives what the provider would take. */
async function begun({ drive }: Field, deal: Deal): Promise<Capture> {
  await drive.order(deal);
  return captureOf((await drive.pay(deal)).body);
}

const times = <T>(count: number, work: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, work));

/** Objects unless exactly `expected` of `answers` have `status`. */
function count(deal: Deal, what: string, answers: readonly Answer[], status: number, expected: number): void {
  const seen = answers.map((answer) => answer.status);
  const found = seen.filter((each) => each === status).length;
  if (found !== expected)
    deal.objections.push(`${found} of ${answers.length} ${what} got ${status}, not ${expected}: ${seen}`);
}

/** Both, the second a moment of 0–90 ms after the first; odd rounds the other way round. */
async function raced(
  { random }: Field,
  round: number,
  one: () => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<void> {
  const [first, second] = round % 2 === 0 ? [one, other] : [other, one];
  await Promise.all([first(), sleep(random() * OFFSET_MS).then(second)]);
}

export const RACES: readonly Race[] = [
  {
    name: "identical-callbacks",
    async run(field, deal) {
      const capture = await begun(field, deal);
      const answers = await times(AT_ONCE, () => field.drive.capture(deal, capture));
      count(deal, "identical callbacks", answers, 200, AT_ONCE);
    },
  },
  {
    name: "cancel-against-callback",
    async run(field, deal, round) {
      const capture = await begun(field, deal);
      const { drive } = field;
      await raced(
        field,
        round,
        () => drive.cancel(deal),
        () => drive.capture(deal, capture),
      );
    },
  },
  {
    name: "payment-cancel-against-callback",
    async run(field, deal, round) {
      const capture = await begun(field, deal);
      const { drive } = field;
      await raced(
        field,
        round,
        () => drive.cancelPayment(deal),
        () => drive.capture(deal, capture),
      );
    },
  },
  {
    name: "twenty-payments",
    async run({ drive }, deal) {
      await drive.order(deal);
      const answers = await times(AT_ONCE, () => drive.pay(deal));
      count(deal, "payments", answers, 201, 1);
      count(deal, "payments", answers, 409, AT_ONCE - 1);
      const winner = answers.find(({ status }) => status === 201);
      if (winner) await drive.capture(deal, captureOf(winner.body));
    },
  },
  {
    name: "failure-after-success",
    async run(field, deal) {
      const capture = await begun(field, deal);
      await field.drive.capture(deal, capture);
      const late = await times(3, () => field.drive.failure(capture));
      count(deal, "late failures", late, 200, 3);
      await orderIn(deal.buyer, deal.orderId ?? "", "paid");
    },
  },
  {
    name: "success-after-failure",
    async run(field, deal) {
      const capture = await begun(field, deal);
      await field.drive.failure(capture);
      await times(2, () => field.drive.capture(deal, capture));
    },
  },
  {
    name: "late-after-cancel",
    async run(field, deal) {
      const capture = await begun(field, deal);
      await field.drive.cancel(deal);
      await times(2, () => field.drive.capture(deal, capture));
    },
  },
  {
    name: "late-after-complete",
    async run(field, deal) {
      const capture = await begun(field, deal);
      const { drive } = field;
      await drive.capture(deal, capture);
      await orderIn(deal.buyer, deal.orderId ?? "", "paid");
      await drive.complete(deal);
      const second = { ...capture, transaction: `t-${randomUUID()}` };
      await Promise.all([
        drive.capture(deal, capture),
        drive.failure(capture),
        drive.capture(deal, second),
        drive.capture(deal, second),
      ]);
    },
  },
  {
    name: "late-after-delete",
    async run(field, deal) {
      const capture = await begun(field, deal);
      await field.drive.remove(deal);
      await times(2, () => field.drive.capture(deal, capture));
    },
  },
  {
    name: "pay-a-cent",
    async run(field, deal) {
      const capture = await begun(field, deal);
      const cent = { ...capture, amount: "0.01" };
      await times(2, () => field.drive.capture(deal, cent));
    },
  },
  {
    name: "refund-too-much",
    async run(field, deal) {
      const capture = await begun(field, deal);
      const { drive } = field;
      await drive.capture(deal, capture);
      await orderIn(deal.buyer, deal.orderId ?? "", "paid");
      const excessive = await times(2, () => drive.refund(deal, "999999.00"));
      count(deal, "refunds of 999999", excessive, 409, 2);
      const key = randomUUID();
      const [same, again, other] = await Promise.all([
        drive.refund(deal, deal.total, key),
        drive.refund(deal, deal.total, key),
        drive.refund(deal, deal.total),
      ]);
      const alike = same.status === again.status;
      if (!alike) deal.objections.push(`one key was answered ${same.status} and ${again.status}`);
      count(deal, "full refunds", [same, other], 201, 1);
    },
  },
  {
    name: "linearizability",
    async run(field, deal) {
      const { created, order, payment } = await record(field, deal);
      const verdicts = {
        order: linearize(order, orderModel(created)),
        payment: linearize(payment, paymentModel),
      };
      for (const [name, { linearizable, order: explained }] of Object.entries(verdicts)) {
        if (linearizable) continue;
        const history = name === "order" ? order : payment;
        const rest = history.filter((operation) => !explained.some((known) => known === operation));
        deal.objections.push(
          `the ${name}'s history is not linearizable; after ${JSON.stringify(explained)} came ${JSON.stringify(rest)}`,
        );
      }
    },
  },
];
