import { describe, expect, test } from "@jest/globals";
import { platform } from "../../lib/platform/platform.ts";
import { DUE_SHARDS } from "../../lib/storage/due-shards.ts";
import { EXPIRY_MARGIN_MS } from "./order.ts";
import { orderApi } from "./test-api.ts";
import { LIFETIME, MINUTE, NOW } from "./test-orders.ts";

type Api = ReturnType<typeof orderApi>;
const iso = (time: number) => new Date(time).toISOString();

/** Ids that a sweep at `time` would look at. */
async function dueAt({ service }: Api, time: number): Promise<string[]> {
  const shards = Array.from({ length: DUE_SHARDS }, (_, shard) => service.store.due(String(shard), time, 10));
  return (await Promise.all(shards)).flatMap(({ items }) => items);
}

describe("the relay of orders", () => {
  test("delivers each event once, for all parties", async () => {
    const api = orderApi();
    const id = await api.place();
    await api.service.relay.relay(id);
    await api.pay(id);
    await api.service.relay.relay(id);
    await api.ask("completeOrder", { params: { id }, body: {} });
    await api.service.relay.relay(id);
    await api.service.relay.relay(id);
    expect(api.recorded.map(({ event }) => event)).toEqual([
      "order.created",
      "order.paid",
      "order.completed",
    ]);
    expect(new Set(api.recorded.map(({ event_id }) => event_id)).size).toBe(3);
    for (const { parties, related_id, data } of api.recorded) {
      expect(parties).toEqual([
        { user_id: "buyer", role: "buyer", email: null },
        { user_id: "seller", role: "seller", email: null },
      ]);
      expect([related_id, data["total_amount"], data["currency"]]).toEqual([id, "100.00", "CNY"]);
    }
  });

  test.each([
    ["their token names, whatever their browser prefers", { locale: "zh-CN" }, "en", "zh-CN"],
    ["their browser prefers, if their token names none", {}, "de, zh;q=0.5", "zh-CN"],
    ["nobody knows", {}, undefined, undefined],
    ["is not supported", { locale: "fr" }, "de", undefined],
  ])("gives for the buyer alone the language that %s", async (_, claims, accepted, locale) => {
    const api = orderApi();
    const { tokens } = platform();
    const token = await tokens.mintUser({ sub: "buyer", ...claims }, 60);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(accepted ? { "accept-language": accepted } : {}),
    };
    const body = { customer_name: "张三", total_amount: 100, seller_id: "seller" };
    const { id } = (await api.ask("createOrder", { headers, body })).body;
    await api.service.relay.relay(id);
    expect(api.recorded[0]?.parties.map((party) => party.locale)).toEqual([locale, undefined]);
    const lease = { payment_id: id, user_id: "buyer", live_until: new Date(NOW + MINUTE).toISOString() };
    const granted = await api.ask("grantPaymentLease", { params: { id }, body: lease });
    expect(granted.body.locale).toBe(locale);
  });

  test("notifies the buyer alone where there is no seller, or where an earlier version made the buyer the seller", async () => {
    const api = orderApi();
    const [alone, both] = [await api.place({ seller_id: undefined }), await api.place()];
    await api.service.store.change(both, (order) => ({ ...order, seller_id: "buyer" }));
    for (const id of [alone, both]) await api.service.relay.relay(id);
    expect(api.recorded.map(({ parties }) => parties.map(({ role }) => role))).toEqual([
      ["buyer"],
      ["buyer"],
    ]);
  });

  test("passes on by whom an order was cancelled, never what they wrote", async () => {
    const api = orderApi();
    const id = await api.place({ customer_name: "evil 1", remark: "evil 2" });
    await api.ask("cancelOrder", { params: { id }, body: { reason: "evil 3" } });
    await api.service.relay.relay(id);
    expect(api.recorded.map(({ data }) => data)).toEqual([
      { total_amount: "100.00", currency: "CNY" },
      { total_amount: "100.00", currency: "CNY", reason: "cancelled by the buyer" },
    ]);
  });

  test("leaves out a reason that an earlier version stored as its user wrote it", async () => {
    const api = orderApi();
    const id = await api.place();
    await api.service.store.change(id, (order) => ({
      ...order,
      outbox: order.outbox.map((event) => ({
        ...event,
        payload: { event: "order.cancelled", data: { reason: "evil" } },
      })),
    }));
    await api.service.relay.relay(id);
    expect(api.recorded.map(({ event, data }) => [event, data])).toEqual([
      ["order.cancelled", { total_amount: "100.00", currency: "CNY" }],
    ]);
  });

  test("under the same id when it is delivered again, so that the receiver can deduplicate", async () => {
    const api = orderApi();
    const id = await api.place();
    api.notifications.away = true;
    await api.service.relay.relay(id);
    const [waiting] = (await api.service.store.read(id))?.outbox ?? [];
    expect(waiting).toMatchObject({ attempts: 1 });
    api.notifications.away = false;
    api.clock.time += MINUTE;
    await api.service.relay.relay(id);
    expect(api.recorded.map(({ event_id }) => event_id)).toEqual([`${id}:${waiting?.id}`]);
    expect((await api.service.store.read(id))?.outbox).toEqual([]);
  });

  test("is hinted by every write that owes something, and by no other", async () => {
    const api = orderApi();
    const id = await api.place();
    await api.service.relay.relay(id);
    expect(api.hints).toEqual([id]);
    await api.ask("updateOrder", { params: { id }, body: { remark: "x" } });
    await api.ask("getOrder", { params: { id } });
    expect(api.hints).toEqual([id]);
    await api.ask("cancelOrder", { params: { id }, body: {} });
    expect(api.hints).toEqual([id, id]);
  });
});

describe("an order that nobody pays", () => {
  /** A created order whose first event was delivered, so that only its expiry is due. */
  async function unpaid() {
    const api = orderApi();
    const id = await api.place();
    await api.service.relay.relay(id);
    await api.service.store.record(id);
    /** Lets the relay look at it at `time`. */
    const lookAt = (time: number) => {
      api.clock.time = time;
      return api.service.relay.relay(id);
    };
    return { api, id, lookAt };
  }

  test("is found by the sweep when its time is over, and not before", async () => {
    const { api, id } = await unpaid();
    expect(await dueAt(api, NOW + LIFETIME - 1)).toEqual([]);
    expect(await dueAt(api, NOW + LIFETIME)).toEqual([id]);
  });

  test("is cancelled then, and its parties are notified", async () => {
    const { api, id, lookAt } = await unpaid();
    await lookAt(NOW + LIFETIME - 1);
    expect((await api.service.store.read(id))?.status).toBe("pending");
    await lookAt(NOW + LIFETIME);
    expect(await api.service.store.read(id)).toMatchObject({ status: "cancelled", cancel_reason: "expired" });
    expect(api.recorded.map(({ event }) => event)).toEqual(["order.created", "order.cancelled"]);
    await api.service.store.record(id);
    expect(await dueAt(api, NOW + 100 * LIFETIME)).toEqual([]);
  });

  test("waits while an attempt to pay it is live, and a margin longer", async () => {
    const { api, id, lookAt } = await unpaid();
    const until = NOW + LIFETIME + 5 * MINUTE;
    const body = { payment_id: id, user_id: "buyer", live_until: iso(until) };
    await api.ask("grantPaymentLease", { params: { id }, body });
    expect(await dueAt(api, until + EXPIRY_MARGIN_MS - 1)).toEqual([]);
    await lookAt(until + EXPIRY_MARGIN_MS - 1);
    expect((await api.service.store.read(id))?.status).toBe("pending");
    expect(await dueAt(api, until + EXPIRY_MARGIN_MS)).toEqual([id]);
    await lookAt(until + EXPIRY_MARGIN_MS);
    expect((await api.service.store.read(id))?.status).toBe("cancelled");
  });

  test("is not cancelled if it was paid a moment before", async () => {
    const { api, id, lookAt } = await unpaid();
    await api.pay(id);
    await lookAt(NOW + LIFETIME);
    expect((await api.service.store.read(id))?.status).toBe("paid");
  });
});
