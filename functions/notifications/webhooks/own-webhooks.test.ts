import { describe, expect, test } from "@jest/globals";
import { REPLAYED } from "../../../lib/http/reply.ts";
import { until } from "../../../tests/support/poll.ts";
import { notifications } from "../contract.ts";
import { handle as create } from "../handlers/create-webhook.ts";
import { handle as remove } from "../handlers/delete-webhook.ts";
import { handle as read } from "../handlers/get-webhook.ts";
import { handle as attempts } from "../handlers/list-webhook-attempts.ts";
import { handle as list } from "../handlers/list-webhooks.ts";
import { handle as retry } from "../handlers/retry-webhook.ts";
import { handle as rotate } from "../handlers/rotate-webhook-secret.ts";
import { handle as tryOut } from "../handlers/try-webhook.ts";
import { handle as update } from "../handlers/update-webhook.ts";
import { scope, testWorld, user, type World } from "../test-world.ts";
import { happened, registered, relayed, sam, types, waiting } from "./test-webhooks.ts";

const schema = notifications.routes.createWebhook.body;
const HOOK = { url: "https://hooks.example/", events: ["order.paid"] };
const [kim, olga] = [user("kim", { scopes: ["sell"] }), user("olga", { scopes: ["webhooks"] })];

const post = ({ service }: World, caller: typeof sam, body: object) =>
  create(service, { body: schema.parse(body), user: caller });

const listed = async ({ service }: World, caller: typeof sam) =>
  (await list(service, { user: caller })).body.items;

describe("A webhook", () => {
  test("is registered with a secret that no later reply has", async () => {
    const world = testWorld();
    const { body } = await post(world, sam, HOOK);
    const { secret, ...rest } = body;
    expect(Buffer.from(String(secret).replace(/^whsec_/, ""), "base64")).toHaveLength(32);
    expect(rest).toEqual({
      id: expect.any(String),
      url: "https://hooks.example/",
      events: ["order.paid"],
      orders: "own",
      enabled: true,
      disabled: null,
      failures_in_a_row: 0,
      paused_until: null,
      former_secret_until: null,
      created_at: "2026-11-01T12:00:00.000Z",
    });
    expect(await listed(world, sam)).toEqual([rest]);
    expect((await read(world.service, { params: { id: body.id }, user: sam })).body).toEqual(rest);
  });

  test("is one for all requests with the same key: the same webhook, with its secret until that is changed", async () => {
    const world = testWorld();
    const keyed = (body: object, idempotencyKey = "k1") =>
      create(world.service, { body: schema.parse(body), user: sam, idempotencyKey });
    const first = await keyed(HOOK);
    expect(first.headers).toEqual({});
    expect(await keyed(HOOK)).toEqual({ ...first, headers: REPLAYED });
    expect((await keyed(HOOK, "k2")).body.id).not.toBe(first.body.id);
    expect(await listed(world, sam)).toHaveLength(2);
    await expect(keyed({ ...HOOK, events: ["order.created"] })).rejects.toMatchObject({
      code: "idempotency_key_reused",
    });
    const params = { id: first.body.id };
    await rotate(world.service, { params, user: sam });
    expect((await keyed(HOOK)).body).toMatchObject({ id: first.body.id, secret: null });
    await remove(world.service, { params, user: sam });
    await expect(keyed(HOOK)).rejects.toMatchObject({ kind: "gone" });
    expect(await listed(world, sam)).toHaveLength(1);
  });

  test("gets one other secret for all requests with the same key, until another request changes it", async () => {
    const world = testWorld();
    const params = { id: (await registered(world)).id };
    const changed = (idempotencyKey?: string) =>
      rotate(world.service, {
        params,
        user: sam,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      });
    const first = await changed("k1");
    world.clock.time += 60_000;
    expect(await changed("k1")).toEqual({ ...first, headers: REPLAYED });
    const second = await changed("k2");
    expect(second.body.secret).not.toBe(first.body.secret);
    await expect(changed("k1")).rejects.toMatchObject({ code: "secret_changed" });
    await changed();
    await expect(changed("k2")).rejects.toMatchObject({ code: "secret_changed" });
  });

  test("of a seller needs the scope `sell`, one for all orders the scope `webhooks`", async () => {
    const world = testWorld();
    const refused = { kind: "forbidden", code: "scope_missing" };
    await expect(post(world, user("bob"), HOOK)).rejects.toMatchObject(refused);
    await expect(post(world, sam, { ...HOOK, orders: "all" })).rejects.toMatchObject(refused);
    await expect(post(world, olga, HOOK)).rejects.toMatchObject(refused);
    expect((await post(world, olga, { ...HOOK, orders: "all" })).body.orders).toBe("all");
  });

  test("of others does not exist for anybody: not read, changed, tried, retried or deleted", async () => {
    const world = testWorld();
    const params = { id: (await registered(world)).id };
    const everything = (caller: typeof sam) => [
      () => read(world.service, { params, user: caller }),
      () =>
        update(world.service, {
          params,
          user: caller,
          body: { url: HOOK.url, events: ["order.paid"], enabled: true },
        }),
      () => rotate(world.service, { params, user: caller }),
      () => tryOut(world.service, { params, user: caller, scope }),
      () => attempts(world.service, { params, user: caller }),
      () =>
        retry(world.service, { params, user: caller, scope, body: { since: "2026-01-01T00:00:00.000Z" } }),
      () => remove(world.service, { params, user: caller }),
    ];
    // Who does not sell any more is a stranger, too.
    for (const stranger of [kim, olga, user("sam")]) {
      for (const act of everything(stranger))
        await expect(act()).rejects.toMatchObject({ kind: "not_found" });
      expect(await listed(world, stranger)).toEqual([]);
    }
    expect(world.webhooks.received).toEqual([]);
    for (const act of everything(sam)) expect((await act()).status).toBeLessThan(300);
  });

  test("for all orders is every operator's", async () => {
    const world = testWorld();
    const { body } = await post(world, olga, { ...HOOK, orders: "all" });
    const other = user("otto", { scopes: ["webhooks", "sell"] });
    await post(world, other, HOOK);
    expect((await listed(world, other)).map(({ orders }) => orders).sort()).toEqual(["all", "own"]);
    await remove(world.service, { params: { id: body.id }, user: other });
    expect(await listed(world, olga)).toEqual([]);
  });

  test.each([
    "http://hooks.example/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/",
    "https://2130706433/",
    "https://user:word@hooks.example/",
    "https://hooks.example/#part",
    "https://hooks.example/#",
    "https://hooks.example:0/",
    `https://${"a".repeat(300)}.example/`,
    `https://hooks.example/${"ä".repeat(2_000)}`,
    "https://hooks.example:99999/",
  ])("can't be at %s", async (url) => {
    const world = testWorld();
    const refused = { kind: "invalid", code: "url_not_allowed" };
    await expect(post(world, sam, { ...HOOK, url })).rejects.toMatchObject(refused);
    const { id } = await registered(world);
    const body = { url, events: ["order.paid" as const], enabled: true };
    await expect(update(world.service, { params: { id }, user: sam, body })).rejects.toMatchObject(refused);
  });

  test("may be anywhere, and by http, on a developer's machine", async () => {
    const world = testWorld();
    Object.assign(world.webhooks, { anywhere: true });
    const { body } = await post(world, sam, { ...HOOK, url: "http://127.0.0.1:9000/hook" });
    expect(body.url).toBe("http://127.0.0.1:9000/hook");
  });

  test.each([
    { ...HOOK, events: [] },
    { ...HOOK, events: ["order.paid", "order.paid"] },
    { ...HOOK, events: ["order.lost"] },
    { ...HOOK, url: "mailto:sam@example.com" },
    { ...HOOK, url: `https://hooks.example/${"x".repeat(2_048)}` },
    { ...HOOK, secret: "whsec_mine" },
  ])("is not registered with %j", (body) => {
    expect(schema.safeParse(body).success).toBe(false);
  });

  test("is one of ten at most; a deleted one makes room", async () => {
    const world = testWorld();
    const made = [];
    for (let no = 0; no < 10; no += 1) made.push((await post(world, sam, HOOK)).body);
    await expect(post(world, sam, HOOK)).rejects.toMatchObject({
      kind: "conflict",
      code: "too_many_webhooks",
    });
    await post(world, kim, HOOK);
    await remove(world.service, { params: { id: made[0]?.id ?? "" }, user: sam });
    await post(world, sam, HOOK);
  });

  test("that is switched off gets nothing, and when it is on again what follows", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    const set = (enabled: boolean) =>
      update(world.service, {
        params: { id },
        user: sam,
        body: { url: HOOK.url, events: ["order.paid"], enabled },
      });
    expect((await set(false)).body).toMatchObject({ enabled: false, disabled: { reason: "by_owner" } });
    await happened(world, "order.paid", { order: "while off" });
    await set(true);
    await happened(world, "order.paid", { order: "while on" });
    await relayed(world);
    expect(world.webhooks.received.map(({ message }) => message.data["order_id"])).toHaveLength(1);
  });

  test("that was deleted meanwhile is not brought back by a change", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    const { records } = world.webhooks;
    records.read = async (one) => {
      const found = records.kept.get(one);
      records.kept.delete(one);
      return found;
    };
    const body = { url: HOOK.url, events: ["order.paid" as const], enabled: true };
    await expect(update(world.service, { params: { id }, user: sam, body })).rejects.toMatchObject({
      kind: "not_found",
    });
  });

  test("whose secret two requests change at once has the one of the reply that succeeds", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    const both = await Promise.allSettled(
      [1, 2].map(() => rotate(world.service, { params: { id }, user: sam })),
    );
    const [done, refused] = both.toSorted((one) => (one.status === "fulfilled" ? -1 : 1));
    expect(refused).toMatchObject({ status: "rejected", reason: { code: "secret_changed" } });
    const secret = done?.status === "fulfilled" ? done.value.body.secret : "";
    expect(world.webhooks.records.kept.get(id)?.secret).toBe(secret);
  });
});

describe("The log of a webhook", () => {
  test("has each attempt, the latest first, and its test, with what came of it", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    world.webhooks.answer = async () => ({ status: 500, reply: "oh no" });
    const order = await happened(world, "order.paid");
    await relayed(world);
    world.clock.time += 1_000;
    world.webhooks.answer = async () => ({ status: null, reason: "timeout" });
    const tried = await tryOut(world.service, { params: { id }, user: sam, scope });
    const { items } = (await attempts(world.service, { params: { id }, user: sam })).body;
    expect(items[0]).toEqual(tried.body);
    expect(items).toMatchObject([
      { type: "webhook.test", order_id: null, accepted: false, status: null, reason: "timeout" },
      { type: "order.paid", order_id: order, accepted: false, status: 500, reply: "oh no", duration_ms: 3 },
    ]);
  });
});

test("A webhook gets two tests at once, and no more wait", async () => {
  const world = testWorld();
  const { id } = await registered(world);
  const reply = Promise.withResolvers<object>();
  world.webhooks.answer = () => reply.promise;
  const tried = () => tryOut(world.service, { params: { id }, user: sam, scope });
  const under = [tried(), tried()];
  await until("both are on their way", () => world.webhooks.received.length === 2);
  await expect(tried()).rejects.toMatchObject({ kind: "throttled", code: "too_many_at_once" });
  reply.resolve({});
  await Promise.all(under);
  expect((await tried()).status).toBe(200);
  expect(world.webhooks.received).toHaveLength(3);
});

describe("Retrying by hand", () => {
  /** A webhook that did not accept the messages of three orders. */
  async function failing() {
    const world = testWorld();
    const { id } = await registered(world);
    world.webhooks.answer = async () => ({ status: 500 });
    for (const order of ["one", "two", "three"]) {
      world.clock.time += 1_000;
      await happened(world, "order.paid", { order });
    }
    await relayed(world);
    const first = world.webhooks.received.map(({ message }) => message);
    world.webhooks.received.length = 0;
    world.webhooks.answer = async () => ({});
    const again = (body: { since: string } | { message_id: string }) =>
      retry(world.service, { params: { id }, user: sam, scope, body });
    return { world, id, first, again };
  }

  test("sends one message at once, with its id", async () => {
    const { world, first, again } = await failing();
    expect((await again({ message_id: first[1]?.id ?? "" })).body).toEqual({
      retried: 1,
      continue_since: null,
    });
    await relayed(world);
    expect(world.webhooks.received.map(({ message }) => message)).toEqual([first[1]]);
  });

  test("sends one that was accepted once more, also when its deliveries are forgotten", async () => {
    const { world, id, first, again } = await failing();
    await again({ message_id: first[0]?.id ?? "" });
    await relayed(world);
    await again({ message_id: first[0]?.id ?? "" });
    await relayed(world);
    expect(world.webhooks.received.map(({ message }) => message)).toEqual([first[0], first[0]]);
    expect(await waiting(world, id, "one")).toEqual([]);
  });

  test("sends all that were not accepted of the events since a time, those that were given up as well", async () => {
    const { world, id, first, again } = await failing();
    const deliveries = await waiting(world, id, "three");
    expect(deliveries).toHaveLength(1);
    expect((await again({ since: first[1]?.timestamp ?? "" })).body.retried).toBe(2);
    await relayed(world);
    expect(world.webhooks.received.map(({ message }) => message.id).sort()).toEqual(
      [first[1]?.id, first[2]?.id].sort(),
    );
    expect((await again({ since: "2026-01-01T00:00:00.000Z" })).body.retried).toBe(1);
    await relayed(world);
    expect(types(world)).toHaveLength(3);
  });

  test("goes on from where one request has stopped", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    world.webhooks.answer = async () => ({ status: 500 });
    for (let order = 0; order < 130; order += 1) {
      world.clock.time += 1_000;
      await happened(world, "order.paid", { order: String(order) });
    }
    let since: string | null = "2026-01-01T00:00:00Z";
    const counts = [];
    while (since !== null) {
      const { body }: Awaited<ReturnType<typeof retry>> = await retry(world.service, {
        params: { id },
        user: sam,
        scope,
        body: { since },
      });
      counts.push(body.retried);
      since = body.continue_since;
    }
    // The one at which it stopped is retried again.
    expect(counts).toEqual([100, 31]);
  });

  test("goes on past any number of orders of one millisecond", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    world.webhooks.answer = async () => ({ status: 500 });
    for (let order = 0; order < 230; order += 1)
      await happened(world, "order.paid", { order: String(order) });
    const again = async (since: string) =>
      (await retry(world.service, { params: { id }, user: sam, scope, body: { since } })).body;
    const first = await again("2026-01-01T00:00:00Z");
    expect(first).toEqual({ retried: 100, continue_since: new Date(world.clock.time).toISOString() });
    expect(await again(first.continue_since ?? "")).toEqual({ retried: 230, continue_since: null });
  });

  test.each([
    ["2026-11-01T12:00:10Z", 1],
    ["2026-11-01T12:00:10.0Z", 1],
    ["2026-11-01T12:00:10.125Z", 1],
    ["2026-11-01T12:00:10.126Z", 0],
    ["2026-11-01T12:00:11Z", 0],
  ])("since a time reads it as a time, however it is written: %s", async (since, retried) => {
    const world = testWorld();
    const { id } = await registered(world);
    world.webhooks.answer = async () => ({ status: 500 });
    world.clock.time = Date.parse("2026-11-01T12:00:10.125Z");
    await happened(world, "order.paid");
    const { body } = await retry(world.service, { params: { id }, user: sam, scope, body: { since } });
    expect(body).toEqual({ retried, continue_since: null });
  });

  test("is refused for what the log does not have, and for a webhook that is switched off", async () => {
    const { world, id, again, first } = await failing();
    await expect(again({ message_id: "msg_unknown" })).rejects.toMatchObject({ kind: "not_found" });
    const body = { url: HOOK.url, events: ["order.paid" as const], enabled: false };
    await update(world.service, { params: { id }, user: sam, body });
    for (const what of [{ message_id: first[0]?.id ?? "" }, { since: "2026-01-01T00:00:00Z" }])
      await expect(again(what)).rejects.toMatchObject({ kind: "conflict", code: "webhook_disabled" });
  });

  test("closes the circuit: its owner says that it works again", async () => {
    const { world, id, again } = await failing();
    const { records } = world.webhooks;
    const webhook = records.kept.get(id);
    if (webhook) records.kept.set(id, { ...webhook, failures: 9, open_until: "2026-11-02T00:00:00.000Z" });
    await again({ since: "2026-01-01T00:00:00.000Z" });
    await relayed(world);
    expect(types(world)).toHaveLength(3);
  });
});
