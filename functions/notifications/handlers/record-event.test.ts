import { describe, expect, test } from "@jest/globals";
import type { User } from "../../../lib/auth/caller.ts";
import { scope, testWorld, user } from "../test-world.ts";
import { handle as remove } from "./delete-notification.ts";
import { handle as list } from "./list-notifications.ts";
import { handle as record } from "./record-event.ts";

const orderId = "0192f5b0-0000-7000-8000-000000000001";
const buyer = { user_id: "ann", role: "buyer" as const, email: "ann@example.com" };
const seller = { user_id: "shop", role: "seller" as const, email: null };

const paid = {
  event_id: `${orderId}:order.paid:2`,
  event: "order.paid" as const,
  occurred_at: "2026-11-01T11:59:59Z",
  related_id: orderId,
  data: { total_amount: "299.99", currency: "CNY" },
  parties: [buyer, seller],
};

const page = (userId: string) => ({ query: { limit: 10, cursor: undefined }, scope, user: user(userId) });

describe("An event", () => {
  test("is recorded for each party, with a text for its part in the order", async () => {
    const { service } = testWorld();
    expect(await record(service, { body: paid, scope })).toEqual({ status: 200, body: { recorded: 2 } });
    const [anns, shops] = await Promise.all(["ann", "shop"].map((id) => list(service, page(id))));
    expect(anns?.body.items).toMatchObject([
      { event: "order.paid", type: "transaction", related_id: orderId, read: false },
    ]);
    expect(anns?.body.items[0]?.created_at).toBe("2026-11-01T11:59:59.000Z");
    expect(shops?.body.items[0]?.content).toBe("An order of CN¥299.99 is paid. It can be sent.");
  });

  test("costs one write for each party, the first time a read of the contact of one without an address, and one a second for feeds", async () => {
    const { service, operations, records } = testWorld();
    await record(service, { body: { ...paid, parties: [buyer] }, scope });
    expect(operations).toEqual(["put", "get"]);
    await record(service, { body: { ...paid, event_id: "another" }, scope });
    await record(service, { body: { ...paid, event_id: "a third" }, scope });
    expect(operations).toEqual(["put", "get", "put", "put", "put", "put"]);
    expect(records.reads).toEqual(["shop"]);
  });

  test("is recorded exactly once for each party when it is delivered 20 times at once", async () => {
    const { service, hints } = testWorld();
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => record(service, { body: paid, scope })),
    );
    expect(replies.every(({ body }) => body.recorded === 2)).toBe(true);
    for (const id of ["ann", "shop"]) {
      expect((await list(service, page(id))).body.items).toHaveLength(1);
    }
    expect(new Set(hints).size).toBe(hints.length);
  });

  test("stays as it was recorded first", async () => {
    const { service } = testWorld();
    await record(service, { body: paid, scope });
    await record(service, { body: { ...paid, data: { total_amount: "1.00", currency: "CNY" } }, scope });
    expect((await list(service, page("ann"))).body.items[0]?.content).toContain("299.99");
  });

  test("that is delivered again does not bring back what its user deleted", async () => {
    const { service } = testWorld();
    await record(service, { body: paid, scope });
    const [mine] = (await list(service, page("ann"))).body.items;
    await remove(service, { params: { id: mine?.id ?? "" }, user: user("ann") });
    expect(await record(service, { body: paid, scope })).toMatchObject({ body: { recorded: 2 } });
    expect((await list(service, page("ann"))).body.items).toEqual([]);
  });

  test("stands in lists at the time when it happened, even when it came late", async () => {
    const { service } = testWorld();
    await record(service, { body: paid, scope });
    const earlier = { event: "order.created" as const, occurred_at: "2026-11-01T11:59:58.5Z" };
    await record(service, { body: { ...paid, ...earlier, event_id: "created" }, scope });
    const { items } = (await list(service, page("ann"))).body;
    expect(items.map(({ event }) => event)).toEqual(["order.paid", "order.created"]);
  });
});

describe("The language of an event", () => {
  const shown = async (world: ReturnType<typeof testWorld>, caller: User) =>
    (
      await list(world.service, { query: { limit: 10, cursor: undefined }, scope, user: caller })
    ).body.items.map(({ title, locale }) => [title, locale]);

  test("is that of the reader's token, also for what was recorded before it was known", async () => {
    const world = testWorld();
    await record(world.service, { body: paid, scope });
    expect(await shown(world, user("ann"))).toEqual([["Order paid", "en"]]);
    expect(await shown(world, user("ann", { locale: "zh-CN" }))).toEqual([["订单已付款", "zh-CN"]]);
  });

  test("is that in which the order was placed, for the buyer whose token names none", async () => {
    const world = testWorld();
    const parties = [{ ...buyer, locale: "zh-CN" }, seller];
    await record(world.service, { body: { ...paid, parties }, scope });
    expect(await shown(world, user("ann"))).toEqual([["订单已付款", "zh-CN"]]);
    expect(await shown(world, user("ann", { locale: "en" }))).toEqual([["Order paid", "en"]]);
    expect(await shown(world, user("shop"))).toEqual([["Order paid", "en"]]);
  });

  test.each([undefined, "de", "klingon"])("is the default where the sender gives %j", async (locale) => {
    const world = testWorld({ defaultLocale: "zh-CN" });
    await record(world.service, { body: { ...paid, parties: [{ ...buyer, locale }] }, scope });
    expect(await shown(world, user("ann"))).toEqual([["订单已付款", "zh-CN"]]);
  });
});

describe("The mail of an event", () => {
  const emails = async (world: ReturnType<typeof testWorld>, id: string) =>
    (await list(world.service, page(id))).body.items.map(({ channels }) => channels["email"]);

  test("is pending where the event names an address, and the relay is hinted", async () => {
    const world = testWorld();
    await record(world.service, { body: { ...paid, parties: [buyer] }, scope });
    expect(await emails(world, "ann")).toEqual(["pending"]);
    expect(world.hints).toHaveLength(1);
  });

  test("goes to the address that the relay finds later where contacts can't be read now", async () => {
    const world = testWorld({ mailer: { send: async () => {} } });
    world.records.away = true;
    await record(world.service, { body: { ...paid, parties: [seller] }, scope });
    expect(world.hints).toHaveLength(1);
    world.records.away = false;
    world.records.kept.set("shop", { email: "shop@example.com", sells: true });
    await world.service.relay.relay(world.hints[0] ?? "");
    expect(await emails(world, "shop")).toEqual(["sent"]);
  });

  test("does not exist where there is no address", async () => {
    const world = testWorld();
    await record(world.service, { body: { ...paid, parties: [seller] }, scope });
    expect(await emails(world, "shop")).toEqual([undefined]);
    expect(world.hints).toEqual([]);
  });

  test("of a seller goes to the address of their contact, and to none in the event", async () => {
    const world = testWorld();
    world.records.kept.set("shop", { email: "shop@example.com", sells: true });
    await record(world.service, {
      body: { ...paid, parties: [{ ...seller, email: "eve@example.com" }] },
      scope,
    });
    const id = world.hints[0] ?? "";
    expect((await world.service.store.read(id))?.outbox).toMatchObject([
      { payload: { channel: "email", to: "shop@example.com" } },
    ]);
  });

  test("does not exist for who is named as a seller and never acted as one", async () => {
    const world = testWorld();
    world.records.kept.set("shop", { email: "victim@example.com", sells: false });
    await record(world.service, { body: { ...paid, parties: [seller] }, scope });
    expect(await emails(world, "shop")).toEqual([undefined]);
    expect(world.hints).toEqual([]);
  });

  test("does not exist where no mail server is set", async () => {
    const world = testWorld({ mailer: undefined });
    await record(world.service, { body: paid, scope });
    expect(await emails(world, "ann")).toEqual([undefined]);
    expect(world.hints).toEqual([]);
  });
});
