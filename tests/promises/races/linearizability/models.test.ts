import { describe, expect, test } from "@jest/globals";
import { linearize, type Operation } from "./checker.ts";
import { type OrderInput, type OrderOutput, type OrderShown, orderModel } from "./order-model.ts";
import { type PaymentInput, type PaymentOutput, type PaymentShown, paymentModel } from "./payment-model.ts";

const LATER = Number.POSITIVE_INFINITY;

describe("an order", () => {
  const created: OrderShown = { status: "pending", version: 1, remark: "", total: "100.00" };
  type Op = Operation<OrderInput, OrderOutput>;
  const done = (begin: number, end: number, input: OrderInput, answer = "ok", shown?: OrderShown): Op => ({
    input,
    output: { answer, ...(shown ? { shown } : {}) },
    begin,
    end,
  });
  const captured = (begin: number): Op => ({
    input: { do: "apply event", event: "captured" },
    output: undefined,
    begin,
    end: LATER,
  });
  const holds = (...history: Op[]) => linearize(history, orderModel(created)).linearizable;

  const cancelled: OrderShown = { ...created, status: "cancelled", version: 2 };
  const begun: OrderShown = { ...created, version: 2 };
  const paid: OrderShown = { ...begun, status: "paid", version: 3 };

  test("of two cancellations at once is cancelled by one", () => {
    const [one, other] = [
      done(0, 5, { do: "cancel" }, "ok", cancelled),
      done(0, 5, { do: "cancel" }, "ok", cancelled),
    ];
    expect(holds(one, other)).toBe(false);
    expect(holds(one, done(0, 5, { do: "cancel" }, "order_not_cancellable"))).toBe(true);
  });

  test("that was cancelled is not paid any more", () => {
    const pay = done(0, 1, { do: "pay" });
    const cancel = done(2, 3, { do: "cancel" }, "ok", { ...cancelled, version: 3 });
    const read = (shown: OrderShown) => done(4, 5, { do: "read" }, "ok", shown);
    expect(holds(pay, captured(1), cancel, read({ ...cancelled, version: 3 }))).toBe(true);
    expect(holds(pay, captured(1), cancel, read(paid))).toBe(false);
  });

  test("is not completed before it is paid", () => {
    const pay = done(0, 1, { do: "pay" });
    const complete = done(2, 3, { do: "complete" }, "ok", { ...paid, status: "completed", version: 4 });
    expect(holds(pay, complete)).toBe(false);
    expect(holds(pay, captured(1), complete)).toBe(true);
  });

  test("loses no edit to another", () => {
    const one = done(0, 5, { do: "remark", to: "a" }, "ok", { ...created, remark: "a", version: 2 });
    const other = done(0, 5, { do: "remark", to: "b" }, "ok", { ...created, remark: "b", version: 2 });
    expect(holds(one, other)).toBe(false);
  });
});

describe("a payment", () => {
  type Op = Operation<PaymentInput, PaymentOutput>;
  const done = (begin: number, end: number, input: PaymentInput, output: PaymentOutput): Op => ({
    input,
    output,
    begin,
    end,
  });
  const pay = (at: number, reference: string): Op =>
    done(at, at + 1, { do: "pay" }, { answer: "ok", begun: { reference, amount: 10_000 } });
  const reported = (at: number, what: "capture" | "fail", reference: string): Op =>
    done(at, at + 1, { do: what, reference }, { answer: "ok" });
  const read = (at: number, shown: PaymentShown): Op =>
    done(at, at + 1, { do: "read" }, { answer: "ok", shown });
  const refund = (begin: number, end: number, amount: number, answer = "ok"): Op =>
    done(begin, end, { do: "refund", amount }, { answer });
  const holds = (...history: Op[]) => linearize(history, paymentModel).linearizable;

  test("of two begun at once is one", () => {
    const refused = done(0, 1, { do: "pay" }, { answer: "payment_in_progress" });
    expect(holds(pay(0, "a"), refused)).toBe(true);
    expect(holds(pay(0, "a"), pay(0, "b"))).toBe(false);
  });

  test("that was captured does not fail any more", () => {
    const readWith = (status: string) => read(6, { status, refunded: 0, refunds: 0 });
    const history = [pay(0, "a"), reported(2, "capture", "a"), reported(4, "fail", "a")];
    expect(holds(...history, readWith("succeeded"))).toBe(true);
    expect(holds(...history, readWith("failed"))).toBe(false);
  });

  test("that was captured after it failed is refunded", () => {
    const history = [pay(0, "a"), reported(2, "fail", "a"), reported(4, "capture", "a")];
    expect(holds(...history, read(6, { status: "succeeded", refunded: 0, refunds: 1 }))).toBe(true);
    expect(holds(...history, read(6, { status: "succeeded", refunded: 0, refunds: 0 }))).toBe(false);
  });

  test("refunds no more than was captured", () => {
    const history = [pay(0, "a"), reported(2, "capture", "a")];
    expect(holds(...history, refund(4, 9, 10_000), refund(4, 9, 10_000))).toBe(false);
    expect(holds(...history, refund(4, 9, 10_000), refund(4, 9, 10_000, "refund_exceeds_capture"))).toBe(
      true,
    );
    expect(holds(...history, refund(4, 9, 3_000), refund(4, 9, 7_000))).toBe(true);
  });
});
