// What users and providers may do at the same moment, or in the wrong order. Each race is one deal; afterwards the
// checker judges it.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, orderIn } from "../../support/shop.ts";
import { type Capture, captureOf, type Deal } from "../deal.ts";
import type { Field } from "./field.ts";
import { linearize } from "./linearizability/checker.ts";
import { orderModel } from "./linearizability/order-model.ts";
import { paymentModel } from "./linearizability/payment-model.ts";
import { record } from "./linearizability/record.ts";

export interface Race {
  readonly name: string;
  /** Runs the race on a deal that nothing was done for yet. */
  readonly run: (field: Field, deal: Deal, round: number) => Promise<void>;
}

const AT_ONCE = 20;
const OFFSET_MS = 90;

const times = <T>(count: number, work: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, work));

/** Objects unless exactly `expected` of `answers` have `status`. */
function count(deal: Deal, what: string, answers: readonly Answer[], status: number, expected: number): void {
  const seen = answers.map((answer) => answer.status);
  const found = seen.filter((each) => each === status).length;
  if (found !== expected)
    deal.objections.push(`${found} of ${answers.length} ${what} got ${status}, not ${expected}: ${seen}`);
}

/** What a race of a deal is about: an order, a live attempt to pay it, and what the provider would take for that. */
interface Begun extends Pick<Field, "drive"> {
  readonly deal: Deal;
  readonly capture: Capture;
}

type Step = (begun: Begun) => Promise<unknown>;

/** A race that begins with a live attempt. */
const withAttempt =
  (race: (begun: Begun, field: Field, round: number) => Promise<unknown>): Race["run"] =>
  async (field, deal, round) => {
    const { drive } = field;
    await drive.order(deal);
    const capture = captureOf((await drive.pay(deal)).body);
    await race({ drive, deal, capture }, field, round);
  };

/** Both, the second a moment of 0–90 ms after the first; odd rounds the other way round. */
const raced = (one: Step, other: Step): Race["run"] =>
  withAttempt(async (begun, { random }, round) => {
    const [first, second] = round % 2 === 0 ? [one, other] : [other, one];
    await Promise.all([first(begun), sleep(random() * OFFSET_MS).then(() => second(begun))]);
  });

/** The provider's callback, twice at once, after `step`. */
const lateAfter = (step: Step): Race["run"] =>
  withAttempt(async (begun) => {
    await step(begun);
    await times(2, () => captured(begun));
  });

const captured = ({ drive, deal, capture }: Begun) => drive.capture(deal, capture);
const failed = ({ drive, capture }: Begun) => drive.failure(capture);
const cancelled = ({ drive, deal }: Begun) => drive.cancel(deal);
const paid = async (begun: Begun) => {
  await captured(begun);
  await orderIn(begun.deal.buyer, begun.deal.orderId ?? "", "paid");
};

const twentyPayments: Race["run"] = async ({ drive }, deal) => {
  await drive.order(deal);
  const answers = await times(AT_ONCE, () => drive.pay(deal));
  count(deal, "payments", answers, 201, 1);
  count(deal, "payments", answers, 409, AT_ONCE - 1);
  const winner = answers.find(({ status }) => status === 201);
  if (winner) await drive.capture(deal, captureOf(winner.body));
};

const linearizable: Race["run"] = async (field, deal) => {
  const { created, order, payment } = await record(field, deal);
  const verdicts = {
    order: linearize(order, orderModel(created)),
    payment: linearize(payment, paymentModel),
  };
  for (const [name, { linearizable: holds, order: explained }] of Object.entries(verdicts)) {
    if (holds) continue;
    const history = name === "order" ? order : payment;
    const rest = history.filter((operation) => !explained.some((known) => known === operation));
    deal.objections.push(
      `the ${name}'s history is not linearizable; after ${JSON.stringify(explained)} came ${JSON.stringify(rest)}`,
    );
  }
};

const RUNS: Readonly<Record<string, Race["run"]>> = {
  "identical-callbacks": withAttempt(async (begun) => {
    const answers = await times(AT_ONCE, () => captured(begun));
    count(begun.deal, "identical callbacks", answers, 200, AT_ONCE);
  }),
  "cancel-against-callback": raced(cancelled, captured),
  "payment-cancel-against-callback": raced(({ drive, deal }) => drive.cancelPayment(deal), captured),
  "twenty-payments": twentyPayments,
  "failure-after-success": withAttempt(async (begun) => {
    await captured(begun);
    count(begun.deal, "late failures", await times(3, () => failed(begun)), 200, 3);
    await orderIn(begun.deal.buyer, begun.deal.orderId ?? "", "paid");
  }),
  "success-after-failure": lateAfter(failed),
  "late-after-cancel": lateAfter(cancelled),
  "late-after-complete": withAttempt(async (begun) => {
    const { drive, deal, capture } = begun;
    await paid(begun);
    await drive.complete(deal);
    const second = { ...begun, capture: { ...capture, transaction: `t-${randomUUID()}` } };
    await Promise.all([captured(begun), failed(begun), captured(second), captured(second)]);
  }),
  "late-after-delete": lateAfter(({ drive, deal }) => drive.remove(deal)),
  "pay-a-cent": withAttempt(({ drive, deal, capture }) =>
    times(2, () => drive.capture(deal, { ...capture, amount: "0.01" })),
  ),
  "refund-too-much": withAttempt(async (begun) => {
    const { drive, deal } = begun;
    await paid(begun);
    count(deal, "refunds of 999999", await times(2, () => drive.refund(deal, "999999.00")), 409, 2);
    const key = randomUUID();
    const [same, again, other] = await Promise.all([
      drive.refund(deal, deal.total, key),
      drive.refund(deal, deal.total, key),
      drive.refund(deal, deal.total),
    ]);
    const alike = same.status === again.status;
    if (!alike) deal.objections.push(`one key was answered ${same.status} and ${again.status}`);
    count(deal, "full refunds", [same, other], 201, 1);
  }),
  linearizability: linearizable,
};

export const RACES: readonly Race[] = Object.entries(RUNS).map(([name, run]) => ({ name, run }));
