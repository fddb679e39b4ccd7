// Clients that use one order at the same time, and when each got which answer.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAmount } from "../../../../lib/money/money.ts";
import type { Answer } from "../../../support/shop.ts";
import { type Capture, captureOf, type Deal } from "../../deal.ts";
import type { Field } from "../field.ts";
import type { Operation } from "./checker.ts";
import type { OrderInput, OrderOutput, OrderShown } from "./order-model.ts";
import type { PaymentInput, PaymentOutput } from "./payment-model.ts";

export interface Recorded {
  readonly created: OrderShown;
  readonly order: readonly Operation<OrderInput, OrderOutput>[];
  readonly payment: readonly Operation<PaymentInput, PaymentOutput>[];
}

const CLIENTS = 4;
const STEPS = 6;
const PAUSE_MS = 15;
const LATER = Number.POSITIVE_INFINITY;

/** Runs the clients against one order, and records the history of the order and of its payment. */
export async function record({ drive, random, repeats }: Field, deal: Deal): Promise<Recorded> {
  const order: Operation<OrderInput, OrderOutput>[] = [];
  const payment: Operation<PaymentInput, PaymentOutput>[] = [];
  const captures: Capture[] = [];
  const created = shownOrder((await drive.order(deal)).body);

  /** What may follow by itself at any time from now on. */
  const mayApply = (event: AppliedEvent): void => {
    order.push({
      input: { do: "apply event", event },
      output: undefined,
      begin: performance.now(),
      end: LATER,
    });
  };
  const mayFollow = (input: PaymentInput, begin = performance.now()): void => {
    payment.push({ input, output: undefined, begin, end: LATER });
  };

  /** `unheard`: it may have been done once more than it was answered. */
  async function timed(ask: () => Promise<Answer>) {
    const begin = performance.now();
    const before = repeats();
    const answer = await ask();
    return { answer, begin, end: performance.now(), unanswered: repeats() > before };
  }

  async function onOrder(input: OrderInput, ask: () => Promise<Answer>): Promise<void> {
    const { answer, begin, end, unanswered } = await timed(ask);
    const shown = answer.status < 300 ? { shown: shownOrder(answer.body) } : {};
    order.push({ input, output: { answer: codeOf(answer), ...shown }, begin, end });
    if (unanswered) order.push({ input, output: undefined, begin, end: LATER });
  }

  async function onPayment(input: PaymentInput, ask: () => Promise<Answer>): Promise<void> {
    const { answer, begin, end, unanswered } = await timed(ask);
    if (unanswered) mayFollow(input, begin);
    const shows = answer.status < 300 && (input.do === "read" || input.do === "refund");
    const shown = shows ? { shown: shownPayment(answer.body) } : {};
    payment.push({ input, output: { answer: codeOf(answer), ...shown }, begin, end });
  }

  async function pay(): Promise<void> {
    const { answer, begin, end, unanswered } = await timed(() => drive.pay(deal));
    const output = { answer: codeOf(answer) };
    order.push({ input: { do: "pay" }, output, begin, end });
    if (unanswered) order.push({ input: { do: "pay" }, output: undefined, begin, end: LATER });
    if (answer.status >= 300) {
      payment.push({ input: { do: "pay" }, output, begin, end });
      return;
    }
    const capture = captureOf(answer.body);
    const { reference } = capture;
    const begun = { reference, amount: minor(capture.amount) };
    payment.push({ input: { do: "pay" }, output: { ...output, begun }, begin, end });
    captures.push(capture);
    // The order may apply its capture, refuse it, and have it refunded, each once, however often the capture is reported.
    order.push({ input: { do: "apply event", event: "captured" }, output: undefined, begin, end: LATER });
    mayFollow({ do: "require refund", reference });
    mayFollow({ do: "refund done" });
  }

  const put = (body: object) => deal.buyer.editOrder(deal.orderId ?? "", body);
  const readOrder = () => onOrder({ do: "read" }, () => deal.buyer.readOrder(deal.orderId ?? ""));
  const readPayment = () => onPayment({ do: "read" }, () => deal.buyer.readPayment(deal.paymentId ?? ""));

  function remark(): Promise<void> {
    const to = randomUUID().slice(0, 8);
    return onOrder({ do: "remark", to }, () => put({ remark: to }));
  }

  function total(): Promise<void> {
    const to = `${100 + Math.floor(random() * 900)}.${10 + Math.floor(random() * 90)}`;
    return onOrder({ do: "total", to }, () => put({ total_amount: to }));
  }

  function end(capture: Capture): Promise<void> {
    const { reference } = capture;
    mayApply("ended");
    return random() < 0.5
      ? onPayment({ do: "fail", reference }, () => drive.failure(capture))
      : onPayment({ do: "cancel" }, () => drive.cancelPayment(deal));
  }

  function refund(capture: Capture): Promise<void> {
    const amount = random() < 0.5 ? capture.amount : "30.00";
    mayFollow({ do: "refund done" });
    mayApply("refunded");
    return onPayment({ do: "refund", amount: minor(amount) }, () => drive.refund(deal, amount));
  }

  function step(): Promise<void> {
    const capture = captures[Math.floor(random() * captures.length)];
    const always = [readOrder, remark, total, pay, pay];
    const rarely = random() < 0.2 ? [() => onOrder({ do: "cancel" }, () => drive.cancel(deal))] : [];
    const once = capture
      ? [
          readPayment,
          readPayment,
          () => reportCapture(capture),
          () => reportCapture(capture),
          () => end(capture),
          () => refund(capture),
          () => onOrder({ do: "complete" }, () => drive.complete(deal)),
        ]
      : [];
    const steps = [...always, ...rarely, ...once];
    return steps[Math.floor(random() * steps.length)]?.() ?? Promise.resolve();
  }

  const reportCapture = (capture: Capture) =>
    onPayment({ do: "capture", reference: capture.reference }, () => drive.capture(deal, capture));

  const client = async () => {
    for (let steps = 0; steps < STEPS; steps += 1) {
      await sleep(random() * PAUSE_MS);
      await step();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { created, order, payment };
}

type AppliedEvent = Extract<OrderInput, { do: "apply event" }>["event"];

const minor = (amount: string): number => parseAmount(amount) ?? 0;

const codeOf = ({ status, body }: Answer): string => (status < 300 ? "ok" : String(body.code));

const shownOrder = (body: Answer["body"]): OrderShown => ({
  status: body.status,
  version: body.version,
  remark: body.remark,
  total: body.total_amount,
});

const shownPayment = (body: Answer["body"]) => ({
  status: String(body.status),
  refunded: minor(body.refunded_amount),
  refunds: Number(body.refunds.length),
});
