import { describe, expect, test } from "@jest/globals";
import { messageOf } from "../../functions/notifications/notification.ts";
import { notificationStore } from "../../functions/notifications/notification-store.ts";
import { orderStore } from "../../functions/orders/order-store.ts";
import { newOrder } from "../../functions/orders/test-orders.ts";
import { applyCharge } from "../../functions/payments/payment-attempts.ts";
import { recordRefundReply, requestRefund } from "../../functions/payments/payment-refunds.ts";
import { paymentStore } from "../../functions/payments/payment-store.ts";
import { PAYMENT_ID, testWorld } from "../../functions/payments/test-world.ts";
import { unmatchedStore } from "../../functions/payments/unmatched-store.ts";
import { enqueue, failed, type Outbox } from "../../lib/outbox/outbox.ts";
import type { ParkedSource } from "../../lib/outbox/parked.ts";
import type { Table } from "../../lib/storage/table.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { allAggregates } from "../aggregates.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");

async function world() {
  const tables = new Map<string, Table>();
  const table = (name: string) => {
    const known = tables.get(name) ?? memoryTable();
    tables.set(name, known);
    return known;
  };
  const sources = (await allAggregates(table)).flatMap(({ parked }) => parked ?? []);
  const of = (table: string): ParkedSource => {
    const source = sources.find((candidate) => candidate.table === table);
    if (!source) throw new Error(`no source ${table}`);
    return source;
  };
  return { table, of };
}

/** An outbox whose events were all refused for good. */
const spoilt = <P>(payload: P, ids: readonly string[]): Outbox<P> =>
  ids.reduce<Outbox<P>>(
    (box, id) => failed(enqueue(box, id, payload, NOW), id, { kind: "final", text: "B answered 422" }, NOW),
    [],
  );

const event = { event: "order.created" as const, data: {} };

describe("parked events of orders", () => {
  async function twoParked() {
    const { table, of } = await world();
    const order = { ...newOrder(), outbox: spoilt(event, ["one", "two"]) };
    await orderStore(table("orders")).create(order);
    return { order, source: of("orders"), store: orderStore(table("orders")) };
  }

  test("are listed with what a person needs", async () => {
    const { order, source } = await twoParked();
    const entry = {
      table: "orders",
      aggregate: order.id,
      kind: "event",
      tries: 1,
      error: "B answered 422",
    };
    const since = new Date(NOW).toISOString();
    expect(await source.list(10)).toEqual([
      { ...entry, id: "one", since },
      { ...entry, id: "two", since },
    ]);
    expect(await source.list(1)).toHaveLength(1);
  });

  test("are sent again one by one, or all of an aggregate", async () => {
    const { order, source } = await twoParked();
    expect(await source.retry(order.id, "one")).toHaveLength(1);
    expect((await source.list(10)).map(({ id }) => id)).toEqual(["two"]);
    expect(await source.retry(order.id)).toHaveLength(1);
    expect(await source.list(10)).toEqual([]);
  });

  test("that are not parked any more, or never were, stay as they are", async () => {
    const { order, source } = await twoParked();
    await source.retry(order.id);
    expect(await source.retry(order.id)).toEqual([]);
    expect(await source.retry("no such order")).toEqual([]);
    expect(await source.retry(order.id, "no such event")).toEqual([]);
  });

  test("do not undo what the running system writes meanwhile", async () => {
    const { order, source, store } = await twoParked();
    await store.change(order.id, (current) => ({ ...current, remark: "changed by the system" }));
    await source.retry(order.id);
    expect(await store.read(order.id)).toMatchObject({ remark: "changed by the system" });
  });
});

describe("a mail that was given up", () => {
  test("is listed without its address, and is due again once an operator wants it sent", async () => {
    const { table, of } = await world();
    const store = notificationStore(table("notifications"));
    const mail = { channel: "email" as const, to: "ann@example.com" };
    const texts = { type: "system" as const, title: "Hello", content: "World" };
    const message = { id: "m", user_id: "ann", related_id: null, fingerprint: "", shown: true, ...texts };
    const outbox = spoilt(mail, ["email"]);
    await store.create({ ...messageOf(message, mail, NOW), outbox });
    const source = of("notifications");
    const listed = await source.list(10);
    expect(listed).toMatchObject([{ aggregate: "m", kind: "event", id: "email", error: "B answered 422" }]);
    expect(JSON.stringify(listed)).not.toContain("@");
    expect(await source.retry("m", "email")).toHaveLength(1);
    expect(await source.list(10)).toEqual([]);
    expect((await store.read("m"))?.outbox).toMatchObject([{ attempts: 0, payload: mail }]);
  });
});

describe("a refund that the provider rejected", () => {
  async function rejected(automatic: boolean) {
    const { table, of } = await world();
    const shop = testWorld();
    await shop.pay();
    const captured = { state: "captured", transaction_id: "t", amount: 10_000, currency: "CNY" } as const;
    const paid = applyCharge(await shop.stored(), await shop.reference(), captured, NOW);
    const requested = requestRefund(paid, { id: "r", amount: 4_000, reason: "x", fingerprint: "f" }, NOW);
    const marked = { ...requested, refunds: requested.refunds.map((refund) => ({ ...refund, automatic })) };
    const payment = { ...recordRefundReply(marked, "r", "rejected", NOW), outbox: [] };
    const store = paymentStore(table("payments"));
    await store.create(payment);
    return { store, source: of("payments") };
  }

  test("is listed as such", async () => {
    const { source } = await rejected(false);
    expect(await source.list(10)).toMatchObject([
      { aggregate: PAYMENT_ID, kind: "refund", id: "r", error: "rejected by the provider" },
    ]);
  });

  test("is requested again under its own id", async () => {
    const { source, store } = await rejected(false);
    expect(await source.retry(PAYMENT_ID, "r")).toHaveLength(1);
    expect((await store.read(PAYMENT_ID))?.refunds).toMatchObject([{ id: "r", status: "due", tries: 0 }]);
    expect(await source.list(10)).toEqual([]);
  });

  test("is not requested again once less than its amount remains", async () => {
    const { source, store } = await rejected(true);
    const another = { id: "r2", amount: 7_000, reason: "x", fingerprint: "f" };
    await store.change(PAYMENT_ID, (payment) => requestRefund(payment, another, NOW));
    await expect(source.retry(PAYMENT_ID, "r")).rejects.toMatchObject({ code: "refund_exceeds_capture" });
  });

  test("that a person requested is listed no more once the next is requested", async () => {
    const { source, store } = await rejected(false);
    const another = { id: "r2", amount: 1, reason: "x", fingerprint: "f" };
    await store.change(PAYMENT_ID, (payment) => requestRefund(payment, another, NOW));
    expect(await source.list(10)).toEqual([]);
  });

  test("that the system owes is listed until all is refunded", async () => {
    const { source, store } = await rejected(true);
    const ask = (id: string, amount: number) => ({ id, amount, reason: "x", fingerprint: "f" });
    await store.change(PAYMENT_ID, (payment) => requestRefund(payment, ask("r2", 4_000), NOW));
    expect(await source.list(10)).toHaveLength(1);
    await store.change(PAYMENT_ID, (payment) => requestRefund(payment, ask("r3", 6_000), NOW));
    expect(await source.list(10)).toEqual([]);
  });
});

describe("money that no payment takes", () => {
  async function reported() {
    const { table, of } = await world();
    const store = unmatchedStore(table("unmatched"));
    const money = { reference: "nonsense", transaction_id: "t-1", amount: "7.00", currency: "CNY" };
    const unmatched = {
      method: "sandbox",
      kind: "capture",
      reason: "no such payment",
      reported: money,
      text: '{"say":"\u001b[2J"}',
    } as const;
    const errors: unknown[] = [];
    const log = { error: (...entry: readonly unknown[]) => void errors.push(JSON.stringify(entry)) };
    for (let time = 1; time <= 3; time += 1) await store.keep(unmatched, NOW, log);
    return { source: of("unmatched"), errors };
  }

  test("is listed once, with one error in the log", async () => {
    const { source, errors } = await reported();
    expect(errors).toHaveLength(1);
    expect(errors.join()).not.toContain("say");
    expect(await source.list(10)).toMatchObject([
      {
        kind: "transaction",
        id: "capture",
        error: "sandbox reports a capture of 7.00 CNY (t-1 of nonsense): no such payment",
        text: '{"say":"\\u001b[2J"}',
      },
    ]);
  });

  test("is not tried again, but settled once", async () => {
    const { source } = await reported();
    const [entry] = await source.list(10);
    const id = entry?.aggregate ?? "";
    await expect(source.retry(id)).rejects.toMatchObject({ code: "not_retryable" });
    expect(await source.settle(id)).toBe(true);
    expect(await source.settle(id)).toBe(false);
    expect(await source.list(10)).toEqual([]);
  });

  test("events are not settled so: they are tried again", async () => {
    const { of } = await world();
    expect(await of("orders").settle("any")).toBe(false);
  });
});

test("an attempt for which its provider does not answer is listed, and can be queried at once", async () => {
  const { table, of } = await world();
  const shop = testWorld();
  await shop.pay();
  const payment = await shop.stored();
  const late = new Date(shop.clock.time + 3 * 3_600_000).toISOString();
  const unanswered = payment.attempts.map((attempt) => ({ ...attempt, check_at: late, checks: 31 }));
  const store = paymentStore(table("payments"));
  await store.create({ ...payment, attempts: unanswered });
  const reference = await shop.reference();
  expect(await of("payments").list(10)).toMatchObject([{ kind: "check", id: reference, tries: 31 }]);
  expect(await of("payments").retry(PAYMENT_ID, reference)).toHaveLength(1);
  const [attempt] = (await store.read(PAYMENT_ID))?.attempts ?? [];
  expect(attempt?.check_at).not.toBe(late);
});
