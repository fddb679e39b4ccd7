import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { iso } from "../../../lib/core/iso.ts";
import { setLogSink } from "../../../lib/observability/log.ts";
import { DeliveryFailure } from "../../../lib/outbox/failure.ts";
import { until } from "../../../tests/support/poll.ts";
import { PushBrowser } from "../../../tests/support/push-browser.ts";
import { handle as send } from "../handlers/send-notification.ts";
import { type Notification, pushStatus } from "../notification.ts";
import { recordEvents, recordOne, scope, testWorld, user, type World } from "../test-world.ts";
import { subscribe } from "./own-subscriptions.ts";
import { PUSH_FOR_MS } from "./push-message.ts";
import { subscriptionOf } from "./subscription.ts";

beforeEach(() => setLogSink(() => {}));
afterEach(() => {
  globalThis.cfmpOrderLogSink = undefined;
});

async function subscribed(world: World, userId: string, browser = anyBrowser(), locale?: "zh-CN") {
  const { ports } = world.service;
  const terms = {
    vapidKeys: [ports.push.vapidKeys()[0]?.publicKey ?? ""],
    anywhere: false,
    now: ports.now(),
  };
  const who = { id: userId, ...(locale === undefined ? {} : { locale }) };
  const made = await subscribe(ports, subscriptionOf(browser.toJSON(), { ...terms, user: who }));
  // A process believes for a second that nobody has subscribed.
  world.clock.time += 1_000;
  return made;
}

let browsers = 0;
const anyBrowser = () => {
  browsers += 1;
  return new PushBrowser(`https://push.example/${browsers}`);
};

/** A live connection of the user's. */
async function connected(world: World, id: string, userId: string): Promise<void> {
  await world.service.feed.open(userId);
  const held = { endpoint: "http://127.0.0.1:8003", instance: "one" };
  const times = { opened_on: 0, expires_on: Number.MAX_SAFE_INTEGER };
  await world.connections.add({ id, user_id: userId, ...held, ...times }, 20);
}

/** What the hints asked for, done. */
async function relayed(world: World): Promise<readonly Notification[]> {
  const ids = world.hints.splice(0);
  for (const id of ids) await world.service.relay.relay(id);
  const read = await Promise.all(ids.map((id) => world.service.store.read(id)));
  return read.filter((notification) => notification !== undefined);
}

const statusOf = ([notification]: readonly Notification[]) => notification && pushStatus(notification);

describe("The notification of an event", () => {
  test("goes to the live connection, and then to no browser", async () => {
    const world = testWorld();
    await subscribed(world, "ann");
    await connected(world, "a1", "ann");
    await recordEvents(world, 1);
    expect(world.offers).toEqual([]);
    expect(statusOf(await relayed(world))).toBe("delivered");
    expect(world.offers).toMatchObject([{ ids: ["a1"], offer: { position: 1 } }]);
    expect(world.push.accepted).toEqual([]);
  });

  test("goes to each of the user's browsers where no connection takes it, and to nobody else's", async () => {
    const world = testWorld();
    const [one, other] = [await subscribed(world, "ann"), await subscribed(world, "ann")];
    await subscribed(world, "bob");
    await connected(world, "a1", "ann");
    world.gone.add("a1");
    await recordEvents(world, 1);
    const notifications = await relayed(world);
    expect(statusOf(notifications)).toBe("sent");
    expect(world.push.accepted.map(({ subscription }) => subscription).sort()).toEqual(
      [one.id, other.id].sort(),
    );
    const [first, second] = world.push.accepted;
    expect(JSON.parse(first?.message ?? "")).toMatchObject({ id: notifications[0]?.id, event: "order.paid" });
    expect(second?.terms.topic).toBe(first?.terms.topic);
    expect(world.connections.kept.size).toBe(0);
  });

  test("has no push for a user who has not subscribed, and costs one read a second while nobody has", async () => {
    const world = testWorld();
    await recordOne(world, "1", world.clock.time);
    await recordOne(world, "2", world.clock.time);
    expect(world.push.reads).toBe(1);
    await subscribed(world, "bob");
    await recordOne(world, "3", world.clock.time);
    expect(world.hints).toEqual([]);
  });

  test("is sent in the language of the preference, else of the token with which the browser subscribed", async () => {
    const world = testWorld();
    await subscribed(world, "ann", anyBrowser(), "zh-CN");
    await recordEvents(world, 1);
    await relayed(world);
    await world.service.readers.prefer("ann", () => ({ locale: "en", events: {} }));
    await recordEvents(world, 1);
    await relayed(world);
    expect(world.push.accepted.map(({ message }) => JSON.parse(message).title)).toEqual([
      "订单已付款",
      "Order paid",
    ]);
  });

  test("is pushed to nobody who does not want that, has read it, or has deleted it", async () => {
    for (const change of [
      (world: World) =>
        world.service.readers.prefer("ann", () => ({ events: { "order.paid": { push: false } } })),
      (world: World) =>
        world.service.store.change(world.hints[0] ?? "", (n) => ({ ...n, read_at: n.created_at })),
      (world: World) =>
        world.service.store.change(world.hints[0] ?? "", (n) => ({ ...n, deleted_at: n.created_at })),
      (world: World) => world.service.readers.raise("ann", iso(world.clock.time + 1)),
    ]) {
      const world = testWorld();
      await subscribed(world, "ann");
      await recordEvents(world, 1);
      await change(world);
      const [notification] = await relayed(world);
      expect(notification?.outbox).toEqual([]);
      expect(world.push.accepted).toEqual([]);
    }
  });

  test("is offered by the sweep when its process was killed just after it was recorded", async () => {
    const world = testWorld();
    await subscribed(world, "ann");
    await recordEvents(world, 1);
    world.clock.time += 2_000;
    expect(await world.service.relay.sweep()).toBe(1);
    expect(world.push.accepted).toHaveLength(1);
    world.clock.time += 3_600_000;
    expect(await world.service.relay.sweep()).toBe(0);
  });
});

describe("A browser", () => {
  test("whose push service does not know it any more is forgotten, and the others are not", async () => {
    const world = testWorld();
    const [dead, alive] = [await subscribed(world, "ann"), await subscribed(world, "ann")];
    world.push.answer = async ({ id }) => (id === dead.id ? "gone" : "accepted");
    await recordEvents(world, 1);
    expect(statusOf(await relayed(world))).toBe("sent");
    expect([...world.push.kept.keys()]).toEqual([alive.id]);
  });

  test("that can't be reached is tried again when its push service says, and the others are not sent it twice", async () => {
    const world = testWorld();
    const [one, slow] = [await subscribed(world, "ann"), await subscribed(world, "ann")];
    let tries = 0;
    world.push.answer = async ({ id }) => {
      if (id !== slow.id) return "accepted";
      tries += 1;
      if (tries === 1) throw new DeliveryFailure("away", "answered 429", 60_000);
      return "accepted";
    };
    await recordEvents(world, 1);
    const [notification] = await relayed(world);
    world.clock.time += 59_000;
    await world.service.relay.sweep();
    expect(tries).toBe(1);
    world.clock.time += 2_000;
    await world.service.relay.sweep();
    expect(world.push.accepted.map(({ subscription }) => subscription)).toEqual([one.id, slow.id]);
    expect((await world.service.store.read(notification?.id ?? ""))?.outbox).toEqual([]);
  });

  test("that can't be reached for a day is given up", async () => {
    const world = testWorld();
    await subscribed(world, "ann");
    world.push.answer = async () => {
      throw new DeliveryFailure("away", "answered 503");
    };
    await recordEvents(world, 1);
    const [notification] = await relayed(world);
    expect(notification && pushStatus(notification)).toBe("pending");
    world.clock.time += PUSH_FOR_MS + 1_000;
    await world.service.relay.sweep();
    const given = await world.service.store.read(notification?.id ?? "");
    expect(given && pushStatus(given)).toBe("unreachable");
  });

  test("that another user uses now gets nothing of the one before", async () => {
    const world = testWorld();
    const browser = anyBrowser();
    await subscribed(world, "ann", browser);
    await recordEvents(world, 1);
    await subscribed(world, "bob", browser);
    const [notification] = await relayed(world);
    expect(notification && pushStatus(notification)).toBe("unreachable");
    expect(world.push.accepted).toEqual([]);
  });

  test("gets a notification once when two relays offer it at the same time", async () => {
    const world = testWorld();
    await subscribed(world, "ann");
    await recordEvents(world, 1);
    const [id = ""] = world.hints;
    const { store } = world.service;
    const offered = await store.read(id);
    await world.service.relay.relay(id);
    // The other one had read it before.
    const { pushedTo } = await import("../notification.ts");
    const late = await store.change(id, (current) => pushedTo(current, [...world.push.kept.keys()], 0));
    expect(offered?.outbox).toHaveLength(1);
    expect(late?.changed).toBe(false);
    expect(world.push.accepted).toHaveLength(1);
  });
});

describe("A message with the channel `push`", () => {
  const post = (world: World, channels: ("in_app" | "email" | "push")[]) =>
    send(world.service, {
      body: { title: "Hello", content: "World", type: "system", channels },
      user: user("ann"),
      scope,
      idempotencyKey: undefined,
    });

  test("is pending, then `sent`", async () => {
    const world = testWorld();
    await subscribed(world, "ann");
    expect((await post(world, ["push"])).body.channels).toEqual({ in_app: "delivered", push: "pending" });
    expect(statusOf(await relayed(world))).toBe("sent");
  });

  test("is unreachable for a user who has neither connection nor subscription", async () => {
    const world = testWorld();
    await post(world, ["push"]);
    expect(statusOf(await relayed(world))).toBe("unreachable");
  });

  test("that does not ask for it is not pushed", async () => {
    const world = testWorld();
    await subscribed(world, "ann");
    expect((await post(world, ["in_app"])).body.channels).toEqual({ in_app: "delivered" });
    expect(world.hints).toEqual([]);
  });
});

test("Pushes to one user have their turns, eight at once, and keep no other user's waiting", async () => {
  const real = performance.now.bind(performance);
  let later = 0;
  const clock = jest.spyOn(performance, "now").mockImplementation(() => real() + later);
  try {
    const world = testWorld();
    for (let count = 0; count < 10; count += 1) await subscribed(world, "ann");
    await subscribed(world, "bob");
    world.push.answer = async () => {
      later += 4_000;
      return "accepted";
    };
    await recordOne(world, "1", world.clock.time);
    await relayed(world);
    let under = 0;
    const replies = Promise.withResolvers<void>();
    world.push.answer = async ({ user_id }) => {
      if (user_id === "bob") return "accepted";
      under += 1;
      await replies.promise;
      return "accepted";
    };
    for (const event of ["2", "3"]) await recordOne(world, event, world.clock.time);
    const [second = "", third = ""] = world.hints.splice(0);
    const first = world.service.relay.relay(second);
    await until("eight are on their way", () => under === 8);
    await world.service.relay.relay(third);
    await recordOne(world, "4", world.clock.time, "bob");
    expect(statusOf(await relayed(world))).toBe("sent");
    expect(under).toBe(8);
    const waiting = (await world.service.store.read(third))?.outbox ?? [];
    expect(waiting).toHaveLength(10);
    expect(waiting.every(({ attempts, held }) => attempts === 0 && held === true)).toBe(true);
    expect(new Set(waiting.map(({ next_at }) => next_at)).size).toBe(1);
    replies.resolve();
    await first;
  } finally {
    clock.mockRestore();
  }
});

test("A push service that asks for a pause gets nothing else for that browser in that time, the user's others do", async () => {
  const world = testWorld();
  const one = await subscribed(world, "ann");
  const other = await subscribed(world, "ann");
  const asked: string[] = [];
  world.push.answer = async ({ id }) => {
    asked.push(id);
    if (id === one.id) throw new DeliveryFailure("away", "The push service answered 429", 60_000);
    return "accepted";
  };
  await recordOne(world, "1", world.clock.time);
  await relayed(world);
  await recordOne(world, "2", world.clock.time);
  const [second] = await relayed(world);
  expect(asked.filter((id) => id === one.id)).toHaveLength(1);
  expect(asked.filter((id) => id === other.id)).toHaveLength(2);
  expect(second?.outbox).toMatchObject([{ attempts: 0, held: true }]);
  world.push.answer = async () => "accepted";
  world.clock.time += 60_000;
  await world.service.relay.sweep();
  expect(world.push.accepted.filter(({ subscription }) => subscription === one.id)).toHaveLength(2);
});
