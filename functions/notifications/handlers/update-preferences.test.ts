import { describe, expect, test } from "@jest/globals";
import { notifications } from "../contract.ts";
import { scope, testWorld, user, type World } from "../test-world.ts";
import { handle as getPreferences } from "./get-preferences.ts";
import { handle as list } from "./list-notifications.ts";
import { handle as record } from "./record-event.ts";
import { handle as send } from "./send-notification.ts";
import { handle as unreadCount } from "./unread-count.ts";
import { handle as update } from "./update-preferences.ts";

const ann = user("ann");

const titles = async ({ service }: World, caller = ann) =>
  (await list(service, { query: { limit: 10, cursor: undefined }, scope, user: caller })).body.items.map(
    ({ title }) => title,
  );

const message = (type: "system" | "promotion" | "transaction") => ({
  body: { type, title: type, content: "c", channels: ["in_app" as const] },
  user: ann,
  scope,
  idempotencyKey: undefined,
});

describe("A user's preferences", () => {
  test("are given back as they were put, however often", async () => {
    const { service } = testWorld();
    const body = { locale: "zh-CN" as const, events: { promotion: { email: true } } };
    const first = await update(service, { body, user: ann });
    expect(first.body).toMatchObject({
      locale: "zh-CN",
      events: { promotion: { in_app: true, email: true } },
    });
    expect(await update(service, { body, user: ann })).toEqual(first);
    expect(await getPreferences(service, { user: ann })).toEqual(first);
  });

  test("are each user's own", async () => {
    const { service } = testWorld();
    await update(service, { body: { locale: "zh-CN" }, user: ann });
    expect((await getPreferences(service, { user: user("bob") })).body.locale).toBeNull();
  });

  test("change the language also of what was recorded before, whatever the token says", async () => {
    const world = testWorld();
    const parties = [{ user_id: "ann", role: "buyer" as const, email: null, locale: "en" }];
    const event = { event: "order.paid" as const, event_id: "1", occurred_at: "2026-11-01T11:59:59Z" };
    const related_id = "0192f5b0-0000-7000-8000-000000000001";
    await record(world.service, { body: { ...event, related_id, data: {}, parties }, scope });
    expect(await titles(world)).toEqual(["Order paid"]);
    await update(world.service, { body: { locale: "zh-CN" }, user: ann });
    expect(await titles(world, user("ann", { locale: "en" }))).toEqual(["订单已付款"]);
  });

  test("hide messages in the application from lists and the count, but never what concerns money", async () => {
    const world = testWorld();
    const events = { message: { in_app: false }, promotion: { in_app: false } };
    await update(world.service, { body: { events }, user: ann });
    for (const type of ["system", "promotion", "transaction"] as const) {
      const reply = await send(world.service, message(type));
      expect([type, reply.status, "in_app" in reply.body.channels]).toEqual([
        type,
        201,
        type === "transaction",
      ]);
    }
    expect(await titles(world)).toEqual(["transaction"]);
    expect((await unreadCount(world.service, { user: ann })).body.count).toBe(1);
  });

  test("that hide a message give it no position in the feed", async () => {
    const world = testWorld();
    expect(await world.service.feed.open("ann")).toBe(0);
    await update(world.service, { body: { events: { message: { in_app: false } } }, user: ann });
    await send(world.service, message("system"));
    expect(await world.service.feed.open("ann")).toBe(0);
    await update(world.service, { body: { events: {} }, user: ann });
    await send(world.service, message("system"));
    expect(await world.service.feed.open("ann")).toBe(1);
  });

  test("store the contact in the token", async () => {
    const { service, records } = testWorld();
    await update(service, { body: { locale: null }, user: user("ann", { email: "ann@example.com" }) });
    expect(records.kept.get("ann")).toEqual({ email: "ann@example.com", sells: false });
  });

  test("are not reset by a body that says nothing", () => {
    const { body } = notifications.routes.updatePreferences;
    expect(body.safeParse({}).success).toBe(false);
    for (const said of [{ events: {} }, { locale: null }, { locale: "en" }])
      expect(body.safeParse(said).success).toBe(true);
  });
});
