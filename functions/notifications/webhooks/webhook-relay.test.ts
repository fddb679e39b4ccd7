import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { setLogSink } from "../../../lib/observability/log.ts";
import { until } from "../../../tests/support/poll.ts";
import { handle as create } from "../handlers/create-webhook.ts";
import { handle as remove } from "../handlers/delete-webhook.ts";
import { handle as rotate } from "../handlers/rotate-webhook-secret.ts";
import { testWorld, user, type World } from "../test-world.ts";
import { RECEIVER_MS } from "./attempt.ts";
import { happened, registered, relayed, sam, swept, types, waiting } from "./test-webhooks.ts";
import { OVERLAP_MS } from "./webhook.ts";
import type { Answer } from "./webhook-ports.ts";

beforeEach(() => setLogSink(() => {}));
afterEach(() => {
  globalThis.cfmpOrderLogSink = undefined;
});

const HOUR = 3_600_000;
const away: Partial<Answer> = { status: null, reason: "ECONNREFUSED" };

const answers = (world: World, answer: Partial<Answer>) => {
  world.webhooks.answer = async () => answer;
};

/** Sweeps as often as something is due, for `ms` milliseconds. */
async function sweptFor(world: World, ms: number): Promise<void> {
  const end = world.clock.time + ms;
  for (; world.clock.time < end; world.clock.time += 5_000) await swept(world);
}

describe("An event of an order", () => {
  test("reaches its seller's webhook with the order's id, its time and its amounts, and nobody else's", async () => {
    const world = testWorld();
    const { id, secret } = await registered(world);
    const kim = user("kim", { scopes: ["sell"] });
    const body = {
      url: "https://hooks.example/kim",
      events: ["order.paid" as const],
      enabled: true,
      orders: "own" as const,
    };
    await create(world.service, { body, user: kim });
    const order = await happened(world, "order.paid");
    await relayed(world);
    expect(world.webhooks.received).toEqual([
      {
        id,
        url: "https://hooks.example/sam",
        secrets: [secret],
        message: {
          id: expect.stringMatching(/^msg_[0-9a-f-]{36}$/),
          order_id: order,
          type: "order.paid",
          timestamp: "2026-11-01T12:00:01.100Z",
          data: { order_id: order, total_amount: "299.99", currency: "CNY" },
        },
      },
    ]);
  });

  test("is sent to webhooks for all orders too, and to none that does not name it or is switched off", async () => {
    const world = testWorld();
    const operator = user("olga", { scopes: ["webhooks"] });
    const body = { events: ["order.paid" as const], enabled: true, orders: "all" as const };
    await create(world.service, { body: { ...body, url: "https://ops.example/" }, user: operator });
    await create(world.service, {
      body: { ...body, url: "https://ops.example/off", enabled: false },
      user: operator,
    });
    await registered(world, "https://hooks.example/sam", ["order.created"]);
    await happened(world, "order.paid", { seller: "kim" });
    await relayed(world);
    expect(world.webhooks.received.map(({ url }) => url)).toEqual(["https://ops.example/"]);
  });

  test("is sent once, however often it is delivered here, before and after it was accepted", async () => {
    const world = testWorld();
    await registered(world);
    const at = world.clock.time;
    await happened(world, "order.paid", { at });
    await happened(world, "order.paid", { at });
    await relayed(world);
    await happened(world, "order.paid", { at });
    await relayed(world);
    await swept(world);
    expect(types(world)).toEqual(["order.paid"]);
  });

  test("costs nothing where nobody has a webhook but one read a second", async () => {
    const world = testWorld();
    let reads = 0;
    const { records } = world.webhooks;
    const { inUse, idsOf } = records;
    records.inUse = () => {
      reads += 1;
      return inUse();
    };
    records.idsOf = (owner) => {
      reads += 1;
      return idsOf(owner);
    };
    await happened(world, "order.created");
    await happened(world, "order.paid");
    expect(reads).toBe(1);
    expect(world.webhooks.hints).toEqual([]);
  });

  test("that is recorded after the registration was answered is never missed, however lately others have looked", async () => {
    const world = testWorld();
    // This process has just found that there is no webhook.
    await happened(world, "order.created");
    await registered(world);
    await happened(world, "order.paid");
    await relayed(world);
    expect(types(world)).toEqual(["order.paid"]);
  });

  test("is not missed either when another registration, the first of all, was killed or is just under way", async () => {
    const world = testWorld();
    await happened(world, "order.created");
    // That is as far as the other one came.
    await world.webhooks.records.setInUse();
    await registered(world);
    await happened(world, "order.paid");
    await relayed(world);
    expect(types(world)).toEqual(["order.paid"]);
  });
});

describe("The events of one order", () => {
  test("arrive in the order in which they happened, also when they are recorded the other way round", async () => {
    const world = testWorld();
    await registered(world);
    const at = world.clock.time;
    await happened(world, "order.completed", { at: at + 2_000 });
    await happened(world, "order.paid", { at: at + 1_000 });
    await happened(world, "order.created", { at });
    await relayed(world);
    expect(types(world)).toEqual(["order.created", "order.paid", "order.completed"]);
  });

  test("wait for the one that is not accepted yet, those of other orders do not", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    world.webhooks.answer = async ({ message }) => (message.type === "order.created" ? away : {});
    await happened(world, "order.created");
    await relayed(world);
    await happened(world, "order.paid");
    await happened(world, "order.paid", { order: "other" });
    await relayed(world);
    expect(types(world)).toEqual(["order.created", "order.paid"]);
    expect(await waiting(world, id, "other")).toEqual([]);
    answers(world, {});
    world.clock.time += 5_000;
    await swept(world);
    expect(types(world)).toEqual(["order.created", "order.paid", "order.created", "order.paid"]);
    const [first, , again] = world.webhooks.received;
    expect(again?.message).toEqual(first?.message);
  });

  test("do not wait for one that was given up", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    world.webhooks.answer = async ({ message }) => (message.type === "order.created" ? { status: 400 } : {});
    await happened(world, "order.created");
    await relayed(world);
    await happened(world, "order.paid");
    await sweptFor(world, 85 * HOUR);
    expect(types(world).at(-1)).toBe("order.paid");
    expect(await waiting(world, id)).toMatchObject([
      {
        payload: { type: "order.created" },
        parked_at: expect.any(String),
        last_error: "the webhook failed: it answered 400",
      },
    ]);
  });
});

test("A receiver always has as long as is promised: with less time left, the next message waits for another run", async () => {
  const world = testWorld();
  await registered(world);
  const real = performance.now.bind(performance);
  let later = 0;
  const clock = jest.spyOn(performance, "now").mockImplementation(() => real() + later);
  try {
    await happened(world, "order.created");
    await happened(world, "order.paid");
    const [hint = ""] = world.webhooks.hints.splice(0);
    world.webhooks.answer = async () => {
      later += RECEIVER_MS - 1_000;
      return {};
    };
    await world.service.webhookRelay.relay(hint);
    expect(types(world)).toEqual(["order.created"]);
    world.clock.time += 5_000;
    await swept(world);
    expect(types(world)).toEqual(["order.created", "order.paid"]);
  } finally {
    clock.mockRestore();
  }
});

test("Messages for a webhook that is slow, and has as many on their way as may be, are put off without an attempt", async () => {
  const world = testWorld();
  const { id } = await registered(world);
  const real = performance.now.bind(performance);
  let later = 0;
  const clock = jest.spyOn(performance, "now").mockImplementation(() => real() + later);
  try {
    world.webhooks.answer = async () => {
      later += 4_000;
      return {};
    };
    await happened(world, "order.created", { order: "first" });
    await relayed(world);
    const replies = Promise.withResolvers<Partial<Answer>>();
    world.webhooks.answer = () => replies.promise;
    for (let no = 0; no < 8; no += 1) await happened(world, "order.created", { order: `slow ${no}` });
    const hints = world.webhooks.hints.splice(0);
    const under = Promise.all(hints.map((hint) => world.service.webhookRelay.relay(hint)));
    await until("eight are on their way", () => world.webhooks.received.length === 9);
    await happened(world, "order.created", { order: "ninth" });
    await relayed(world);
    expect(world.webhooks.received).toHaveLength(9);
    expect(await waiting(world, id, "ninth")).toMatchObject([{ attempts: 0, held: true }]);
    replies.resolve({});
    await under;
    world.clock.time += 10_000;
    await swept(world);
    expect(await waiting(world, id, "ninth")).toEqual([]);
  } finally {
    clock.mockRestore();
  }
});

describe("A webhook that does not accept", () => {
  test("is tried with growing pauses for three days, always with the same id, whatever it answers", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    await happened(world, "order.paid");
    const [event] = await waiting(world, id);
    await relayed(world);
    const times: number[] = [];
    world.webhooks.answer = async () => {
      times.push(world.clock.time);
      return times.length % 2 === 0 ? away : { status: 302 };
    };
    world.webhooks.received.length = 0;
    await happened(world, "order.completed");
    await relayed(world);
    await sweptFor(world, 90 * HOUR);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(pauses.slice(0, 3).every((pause) => pause < 60_000)).toBe(true);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(6 * HOUR + 10_000);
    const lasted = (times.at(-1) ?? 0) - (times[0] ?? 0);
    expect([lasted > 66 * HOUR, lasted < 80 * HOUR]).toEqual([true, true]);
    expect(new Set(world.webhooks.received.map(({ message }) => message.id)).size).toBe(1);
    expect(event?.payload.type).toBe("order.paid");
    expect(await waiting(world, id)).toMatchObject([{ parked_at: expect.any(String) }]);
  });

  test("is not tried before it wants to be, within an hour", async () => {
    const world = testWorld();
    await registered(world);
    answers(world, { status: 429, retryAfter: 60_000 });
    await happened(world, "order.paid");
    await relayed(world);
    world.clock.time += 59_000;
    await swept(world);
    expect(types(world)).toHaveLength(1);
    world.clock.time += 1_000;
    await swept(world);
    expect(types(world)).toHaveLength(2);
  });

  test.each([429, 503])(
    "and answers %i with a pause gets nothing else in that time, then one message first",
    async (status) => {
      const world = testWorld();
      const { id } = await registered(world);
      answers(world, { status, retryAfter: 60_000 });
      await happened(world, "order.paid", { order: "first" });
      await relayed(world);
      for (const order of ["second", "third"]) await happened(world, "order.paid", { order });
      await relayed(world);
      await sweptFor(world, 58_000);
      expect(types(world)).toHaveLength(1);
      expect(await waiting(world, id, "second")).toMatchObject([{ attempts: 0, held: true }]);
      answers(world, {});
      await sweptFor(world, 30_000);
      expect(types(world)).toHaveLength(4);
      expect(world.webhooks.records.kept.get(id)).toMatchObject({ failures: 0 });
    },
  );

  test("one message, and asks for a pause otherwise, gets the others", async () => {
    const world = testWorld();
    await registered(world);
    answers(world, { status: 500, retryAfter: 60_000 });
    for (const order of ["first", "second"]) await happened(world, "order.paid", { order });
    await relayed(world);
    expect(types(world)).toHaveLength(2);
  });

  test("that answers 410 is switched off: what waits is given up, and nothing new is stored for it", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    answers(world, { status: 410 });
    await happened(world, "order.created");
    await relayed(world);
    expect(world.webhooks.records.kept.get(id)?.disabled).toMatchObject({ reason: "gone" });
    await happened(world, "order.paid");
    await relayed(world);
    expect(types(world)).toEqual(["order.created"]);
    expect(await waiting(world, id)).toMatchObject([
      { payload: { type: "order.created" }, parked_at: expect.any(String) },
    ]);
  });

  test("is gone only at the URL that said so", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    world.webhooks.answer = async () => {
      const webhook = world.webhooks.records.kept.get(id);
      if (webhook) world.webhooks.records.kept.set(id, { ...webhook, url: "https://hooks.example/new" });
      return { status: 410 };
    };
    await happened(world, "order.created");
    await relayed(world);
    expect(world.webhooks.records.kept.get(id)?.disabled).toBeUndefined();
  });

  test("and is deleted is told nothing more", async () => {
    const world = testWorld();
    const { id } = await registered(world);
    answers(world, away);
    await happened(world, "order.created");
    await relayed(world);
    await remove(world.service, { params: { id }, user: sam });
    world.clock.time += HOUR;
    await swept(world);
    expect(types(world)).toHaveLength(1);
    expect(await waiting(world, id)).toEqual([]);
  });
});

describe("The circuit of a webhook", () => {
  /** A webhook that failed until its circuit opened; `received` begins anew. */
  async function opened() {
    const world = testWorld();
    const { id } = await registered(world);
    answers(world, away);
    for (let order = 0; order < 5; order += 1) {
      await happened(world, "order.created", { order: String(order) });
      await relayed(world);
    }
    expect(world.webhooks.records.kept.get(id)).toMatchObject({ failures: 5 });
    world.webhooks.received.length = 0;
    return { world, id };
  }

  test("opens after five failures in a row: then nothing is sent for a while, and no try is counted", async () => {
    const { world, id } = await opened();
    await happened(world, "order.created", { order: "later" });
    await relayed(world);
    expect(types(world)).toEqual([]);
    expect(await waiting(world, id, "later")).toMatchObject([{ attempts: 0, held: true }]);
  });

  test("lets one message through after that, and none besides while it waits for its reply", async () => {
    const { world } = await opened();
    world.clock.time += 10_000;
    const reply = Promise.withResolvers<Partial<Answer>>();
    world.webhooks.answer = () => reply.promise;
    const sweep = swept(world);
    await new Promise((resolve) => setImmediate(resolve));
    expect(types(world)).toHaveLength(1);
    reply.resolve(away);
    await sweep;
    expect(types(world)).toHaveLength(1);
  });

  test("closes when that one is accepted, and all the rest follows", async () => {
    const { world, id } = await opened();
    answers(world, {});
    await sweptFor(world, 400_000);
    expect(world.webhooks.records.kept.get(id)).toMatchObject({ failures: 0 });
    expect(world.webhooks.records.kept.get(id)).not.toHaveProperty("open_until");
    expect(types(world)).toHaveLength(5);
  });

  test("is each webhook's own", async () => {
    const { world } = await opened();
    const other = await registered(world, "https://hooks.example/other");
    answers(world, {});
    await happened(world, "order.created", { order: "later" });
    await relayed(world);
    expect(world.webhooks.received.map(({ url }) => url)).toEqual(["https://hooks.example/other"]);
    expect(await waiting(world, other.id, "later")).toEqual([]);
  });
});

test("A message is signed with the former secret as well for a day after it was changed", async () => {
  const world = testWorld();
  const { id, secret } = await registered(world);
  const rotated = (await rotate(world.service, { params: { id }, user: sam })).body;
  await happened(world, "order.created");
  await relayed(world);
  world.clock.time += OVERLAP_MS;
  await happened(world, "order.paid");
  await relayed(world);
  expect(world.webhooks.received.map(({ secrets }) => secrets)).toEqual([
    [rotated.secret, secret],
    [rotated.secret],
  ]);
});

test("A message whose attempt can't be written to the log counts as sent", async () => {
  const world = testWorld();
  const { id } = await registered(world);
  world.webhooks.log.add = () => Promise.reject(new Error("away"));
  await happened(world, "order.created");
  await relayed(world);
  expect(await waiting(world, id)).toEqual([]);
});
