import { describe, expect, test } from "@jest/globals";
import type { Order } from "../../functions/orders/order.ts";
import { orderStore } from "../../functions/orders/order-store.ts";
import { newOrder } from "../../functions/orders/test-orders.ts";
import { handle as refund } from "../../functions/payments/handlers/refund-payment.ts";
import type { Payment } from "../../functions/payments/payment.ts";
import type { Provider } from "../../functions/payments/providers/provider.ts";
import { chargeStore } from "../../functions/payments/providers/sandbox/sandbox.ts";
import {
  buyer,
  MINUTE,
  ORDER_ID,
  PAYMENT_ID,
  scope,
  TOTAL,
  testWorld,
} from "../../functions/payments/test-world.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { reconcile } from "./reconcile.ts";

/** A world with one payment by the sandbox, its order, and a command that compares them. */
async function world(order: Partial<Order>, provider: Partial<Provider> = {}) {
  const paying = testWorld({ debug: true });
  const orders = orderStore(memoryTable());
  await orders.create({ ...newOrder(), id: ORDER_ID, total: TOTAL, ...order });
  const begin = paying.clock.time;
  const pauses: number[] = [];
  let meanwhile = async () => {};
  await paying.pay();
  const ports = {
    payments: paying.service.store,
    orders,
    charges: chargeStore(paying.sandboxTable),
    unmatched: paying.service.unmatched,
    providers: new Map([["sandbox" as const, { ...paying.sandbox.provider, ...provider }]]),
    now: () => paying.clock.time,
    async pause(ms: number) {
      pauses.push(ms);
      await meanwhile();
    },
  };
  return {
    ...paying,
    providers: ports.providers,
    pauses,
    /** What happens while the command waits before it looks again. */
    meanwhile(work: () => Promise<void>) {
      meanwhile = work;
    },
    async capture() {
      const reference = await paying.reference();
      await paying.sandbox.decide(
        { reference, amount: TOTAL, currency: "CNY" },
        "success",
        scope.traceparent,
      );
      await paying.sandbox.relay.relay(reference);
      await paying.relay();
    },
    plant: (change: (payment: Payment) => Payment) => paying.service.store.change(PAYMENT_ID, change),
    reconcile(afterMs = 60 * MINUTE) {
      paying.clock.time += afterMs;
      return reconcile(ports, { since: begin, until: paying.clock.time + 1 }, 2 * MINUTE);
    },
  };
}

const kinds = ({ disagreements }: Awaited<ReturnType<typeof reconcile>>) =>
  disagreements.map(({ kind }) => kind);

/** The payment with its first attempt changed. */
const attempt = (changes: object) => (payment: Payment) => ({
  ...payment,
  attempts: payment.attempts.map((one) => ({ ...one, ...changes })),
});

describe("a payment", () => {
  test("that its provider and order agree with is counted, and nothing is waited for", async () => {
    const paid = await world({ status: "paid" });
    await paid.capture();
    expect(await paid.reconcile()).toEqual({ agree: 1, under_way: 0, disagreements: [] });
    expect(paid.pauses).toEqual([]);
  });

  test("that changed just now is under way", async () => {
    const paid = await world({ status: "pending" });
    await paid.capture();
    expect(await paid.reconcile(MINUTE)).toEqual({ agree: 0, under_way: 1, disagreements: [] });
  });

  test("that began outside the window is not looked at", async () => {
    const paid = await world({ status: "pending" });
    await paid.capture();
    const { payments, orders, charges } = {
      payments: paid.service.store,
      orders: orderStore(memoryTable()),
      charges: chargeStore(memoryTable()),
    };
    const later = { since: paid.clock.time + 1, until: paid.clock.time + MINUTE };
    const ports = {
      payments,
      orders,
      charges,
      unmatched: paid.service.unmatched,
      providers: new Map(),
      now: () => later.until,
      pause: async () => {},
    };
    expect(await reconcile(ports, later, 0)).toEqual({ agree: 0, under_way: 0, disagreements: [] });
  });

  test("that disagreed only because it was on its way agrees at the second look", async () => {
    const paid = await world({ status: "paid" });
    await paid.capture();
    const stored = await paid.stored();
    await paid.plant(attempt({ captured_amount: 1 }));
    paid.meanwhile(async () => {
      await paid.plant(() => stored);
    });
    expect(await paid.reconcile()).toEqual({ agree: 1, under_way: 0, disagreements: [] });
    expect(paid.pauses).toHaveLength(1);
  });
});

describe("what disagrees is reported: ", () => {
  test.each(["pending", "cancelled"] as const)("captured, and the order is %s", async (status) => {
    const paid = await world({ status });
    await paid.capture();
    expect(await paid.reconcile()).toMatchObject({
      agree: 0,
      disagreements: [
        {
          kind: "order_not_paid",
          payment_id: PAYMENT_ID,
          order_id: ORDER_ID,
          detail: `100.00 captured, order ${status}`,
        },
      ],
    });
  });

  test("paid, and the payment has no capture", async () => {
    const open = await world({ status: "paid" });
    expect(kinds(await open.reconcile(5 * MINUTE))).toEqual(["order_paid_without_capture"]);
  });

  test("refunded in full, and the order is still paid", async () => {
    const paid = await world({ status: "paid" });
    await paid.capture();
    const body = { reason: "broken" };
    const params = { id: PAYMENT_ID };
    await refund(paid.service, { params, body, user: buyer, scope, idempotencyKey: undefined });
    await paid.relay();
    expect(kinds(await paid.reconcile())).toEqual(["order_not_refunded"]);
  });

  test("the provider has captured what we do not know of", async () => {
    const open = await world({ status: "pending" });
    open.callbacks.refused = true;
    await open.capture();
    expect(kinds(await open.reconcile(5 * MINUTE))).toEqual(["capture_unknown"]);
  });

  test("we have captured what the provider does not know of", async () => {
    const paid = await world({ status: "paid" });
    await paid.callback(await paid.reference());
    await paid.relay();
    expect(kinds(await paid.reconcile())).toEqual(["capture_missing"]);
  });

  test.each([
    ["the provider", { captured_amount: TOTAL - 1 }, {}, ["amount_differs", "amount_differs"]],
    ["the order", {}, { total: TOTAL + 1 }, ["amount_differs"]],
  ])("the amount is not that of %s", async (_, changes, order, expected) => {
    const paid = await world({ status: "paid", ...order });
    await paid.capture();
    await paid.plant(attempt(changes));
    expect(kinds(await paid.reconcile())).toEqual(expected);
  });

  test("an attempt that is open long after its time", async () => {
    const open = await world({ status: "pending" });
    expect(kinds(await open.reconcile(16 * MINUTE))).toEqual([]);
    expect(kinds(await open.reconcile(60 * MINUTE))).toEqual(["attempt_overdue"]);
  });

  test("a provider that does not answer, or is not configured", async () => {
    const query = () => Promise.reject(new Error("down"));
    const paid = await world({ status: "paid" }, { query });
    await paid.capture();
    expect(kinds(await paid.reconcile())).toEqual(["provider_silent"]);
  });

  test.each([
    ["due", {}, "refund_stuck"],
    ["requested", {}, "refund_stuck"],
    ["rejected", {}, "refund_rejected"],
    ["done", {}, "refund_differs"],
  ] as const)("a refund that is %s", async (status, _, kind) => {
    const paid = await world({ status: "paid" });
    await paid.capture();
    const body = { amount: 1_000, reason: "broken" };
    const params = { id: PAYMENT_ID };
    await refund(paid.service, { params, body, user: buyer, scope, idempotencyKey: undefined });
    await paid.plant((payment) => ({
      ...payment,
      refunds: payment.refunds.map((one) => ({ ...one, status })),
    }));
    expect(kinds(await paid.reconcile())).toEqual([kind]);
  });

  test("a capture that does not pay the order and is not refunded", async () => {
    const paid = await world({ status: "cancelled" });
    await paid.capture();
    await paid.plant(attempt({ refund_required: "the order is cancelled" }));
    expect(kinds(await paid.reconcile())).toEqual(["capture_not_refunded"]);
  });

  test("a capture of the sandbox that belongs to no payment", async () => {
    const open = await world({ status: "pending" });
    const reference = "0".repeat(32);
    await open.sandbox.decide({ reference, amount: 1, currency: "CNY" }, "success", scope.traceparent);
    expect((await open.reconcile(5 * MINUTE)).disagreements).toMatchObject([
      { kind: "capture_without_payment", at_provider: reference, payment_id: null },
    ]);
  });
});

describe("money that a provider reports", () => {
  test("and no payment takes is reported until it is settled", async () => {
    const paid = await world({ status: "pending" });
    await paid.callback("nonsense", { amount: "7.00" });
    const { disagreements } = await paid.reconcile(MINUTE);
    expect(disagreements).toMatchObject([{ kind: "unmatched", at_provider: "nonsense", payment_id: null }]);
    expect(disagreements[0]?.detail).toContain("7.00 CNY");
    const [kept] = await paid.unmatched();
    await paid.service.unmatched.change(kept?.id ?? "", (transaction) => ({
      ...transaction,
      settled_at: "2026-11-01T12:00:00.000Z",
    }));
    expect(kinds(await paid.reconcile(MINUTE))).not.toContain("unmatched");
  });

  test("in a way that can't be recorded is reported", async () => {
    const reported = { reference: "r", transaction_id: "t-1", amount: "much", currency: "CNY" };
    const query = async () => ({ state: "unreadable" as const, reported });
    const unreadable = await world({ status: "pending" }, { query });
    expect(kinds(await unreadable.reconcile())).toContain("capture_unreadable");
  });

  test("as refunded, though no refund was requested here, is reported", async () => {
    const paid = await world({ status: "paid" });
    await paid.capture();
    const { query } = paid.sandbox.provider;
    const says = await query(await paid.reference());
    const elsewhere = { query: async () => ({ ...says, refunded: true }) };
    paid.providers.set("sandbox", { ...paid.sandbox.provider, ...elsewhere });
    expect(kinds(await paid.reconcile())).toEqual(["refund_unknown"]);
  });
});
