import { describe, expect, test } from "@jest/globals";
import { DUE_SHARDS, dueShardOf, PARKED_SHARDS } from "../../lib/storage/due-shards.ts";
import { handle as cancel } from "./handlers/cancel-payment.ts";
import { handle as refund } from "./handlers/refund-payment.ts";
import { statusOf } from "./payment.ts";
import { checkNow } from "./payment-attempts.ts";
import { paymentIdFor } from "./payment-store.ts";
import type { ChargeState } from "./providers/provider.ts";
import { buyer, MINUTE, PAYMENT_ID, scope, seller, type TestWorld, testWorld, user } from "./test-world.ts";

/** A provider that answers what `state` says; `requests` are the calls it received. */
function provider() {
  const { sandbox } = testWorld();
  const fake = {
    requests: [] as string[],
    query: { state: "open" } as ChargeState | Error,
    close: { state: "closed" } as ChargeState | Error,
  };
  const answer = (name: "query" | "close") => async () => {
    fake.requests.push(name);
    const given = fake[name];
    if (given instanceof Error) throw given;
    return given;
  };
  const providers = new Map([
    ["sandbox" as const, { ...sandbox.provider, query: answer("query"), close: answer("close") }],
  ]);
  return Object.assign(fake, { providers });
}

const captured: ChargeState = {
  state: "captured",
  transaction_id: "t-1",
  amount: 10_000,
  currency: "CNY",
};

describe("an attempt whose time is over", () => {
  async function expired(fake = provider()) {
    const world = testWorld({ providers: fake.providers });
    await world.pay();
    world.clock.time += 15 * MINUTE;
    return { world, fake };
  }

  test("does not change before that", async () => {
    const { world, fake } = await expired();
    world.clock.time -= 1;
    await world.relay();
    expect(fake.requests).toEqual([]);
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test("is closed at the provider, then here, and the order gets the event", async () => {
    const { world, fake } = await expired();
    await world.relay();
    expect(fake.requests).toEqual(["query", "close"]);
    expect(statusOf(await world.stored())).toBe("expired");
    expect(world.order.events).toMatchObject([{ state: "ended", attempt: null }]);
  });

  test("pays after all when the provider has captured it", async () => {
    const { world, fake } = await expired();
    fake.query = captured;
    await world.relay();
    expect(fake.requests).toEqual(["query"]);
    expect(statusOf(await world.stored())).toBe("succeeded");
    expect(world.order.events).toMatchObject([{ state: "captured" }]);
  });

  test("pays after all when the provider captures it between question and closing", async () => {
    const { world, fake } = await expired();
    fake.close = captured;
    await world.relay();
    expect(statusOf(await world.stored())).toBe("succeeded");
  });

  test("stays open while the provider processes it, and is queried again", async () => {
    const { world, fake } = await expired();
    fake.query = { state: "processing" };
    await world.relay();
    expect(statusOf(await world.stored())).toBe("processing");
    await world.relay();
    expect(fake.requests).toEqual(["query"]);
    world.clock.time += 1_000;
    fake.query = { state: "failed" };
    await world.relay();
    expect(statusOf(await world.stored())).toBe("failed");
  });

  test("is queried again after growing pauses while the provider does not answer", async () => {
    const { world, fake } = await expired();
    fake.query = new Error("timeout");
    for (const wait of [1_000, 2_000, 4_000]) {
      await world.relay();
      await world.relay();
      const [attempt] = (await world.stored()).attempts;
      expect(Date.parse(attempt?.check_at ?? "") - world.clock.time).toBe(wait);
      world.clock.time += wait;
    }
    expect(fake.requests).toHaveLength(3);
    fake.query = { state: "open" };
    await world.relay();
    expect(statusOf(await world.stored())).toBe("expired");
  });

  test("for which the provider has no answer for an hour is parked, and can be queried at once", async () => {
    const fake = provider();
    fake.query = new Error("down");
    const { world } = await expired(fake);
    const parked = async () => {
      const pages = await Promise.all(PARKED_SHARDS.map((shard) => world.service.store.parked(shard, 10)));
      return pages.flatMap(({ items }) => items);
    };
    const end = world.clock.time;
    for (; world.clock.time < end + 55 * MINUTE; world.clock.time += MINUTE) await world.relay();
    expect(await parked()).toEqual([]);
    for (; world.clock.time < end + 70 * MINUTE; world.clock.time += MINUTE) await world.relay();
    expect(await parked()).toEqual([PAYMENT_ID]);
    fake.query = captured;
    const reference = await world.reference();
    await world.service.store.change(PAYMENT_ID, (payment) => checkNow(payment, reference, world.clock.time));
    await world.relay();
    expect(statusOf(await world.stored())).toBe("succeeded");
    expect(await parked()).toEqual([]);
  });

  test("that is paid in a way that can't be recorded is kept for a person, and stays open", async () => {
    const fake = provider();
    const reported = { reference: "r", transaction_id: "t-1", amount: "much", currency: "CNY" };
    fake.query = { state: "unreadable", reported };
    const { world } = await expired(fake);
    await world.relay();
    world.clock.time += MINUTE;
    await world.relay();
    expect(await world.unmatched()).toMatchObject([
      { kind: "capture", amount: "much", transaction_id: "t-1" },
    ]);
    expect(statusOf(await world.stored())).toBe("pending");
    expect(fake.requests).toEqual(["query", "query"]);
  });

  test("that is captured later is refunded in full", async () => {
    const { world } = await expired();
    await world.relay();
    await world.callback(await world.reference());
    await world.relay();
    const payment = await world.stored();
    expect(payment.refunds).toMatchObject([{ automatic: true, amount: 10_000, status: "done" }]);
    expect(statusOf(payment)).toBe("refunded");
    expect(world.order.events.map(({ state }) => state)).not.toContain("captured");
  });
});

describe("the sweep", () => {
  /** Whether the sweep finds the payment after `wait` milliseconds. */
  async function due(world: TestWorld, wait: number): Promise<boolean> {
    const shards = Array.from({ length: DUE_SHARDS }, (_, shard) =>
      world.service.store.due(String(shard), world.clock.time + wait, 10),
    );
    return (await Promise.all(shards)).some(({ items }) => items.includes(PAYMENT_ID));
  }

  test("finds an attempt when its time is over, not before", async () => {
    const world = testWorld();
    await world.pay();
    expect(await due(world, 15 * MINUTE - 1)).toBe(false);
    expect(await due(world, 15 * MINUTE)).toBe(true);
  });

  test("finds what a lost hint left behind, and nothing once all is done", async () => {
    const world = testWorld({ debug: true });
    await world.pay();
    await world.callback(await world.reference());
    expect(await due(world, 1_000)).toBe(true);
    world.clock.time += 1_000;
    await world.service.relay.sweep();
    expect(await due(world, 60 * MINUTE)).toBe(false);
    const body = { reason: "broken" };
    const params = { id: PAYMENT_ID };
    await refund(world.service, { params, body, user: buyer, scope, idempotencyKey: undefined });
    expect(await due(world, 1_000)).toBe(true);
    world.clock.time += 1_000;
    await world.service.relay.sweep();
    expect(await due(world, 60 * MINUTE)).toBe(false);
  });
});

test("A provider that hangs keeps no attempt by another one waiting", async () => {
  const { sandbox } = testWorld();
  const hanging = Promise.withResolvers<ChargeState>();
  const asked = Promise.withResolvers<void>();
  const query = async (): Promise<ChargeState> => {
    asked.resolve();
    return { state: "open" };
  };
  const providers = new Map([
    ["alipay" as const, { ...sandbox.provider, query: () => hanging.promise }],
    ["wechat_pay" as const, { ...sandbox.provider, query }],
  ]);
  const world = testWorld({ providers });
  const ids = ordersOfOneShard(26);
  for (const order_id of ids.slice(1)) await world.pay(undefined, { order_id, method: "alipay" });
  // It is due after a whole page of the others.
  world.clock.time += 1_000;
  await world.pay(undefined, { order_id: ids[0] ?? "", method: "wechat_pay" });
  world.clock.time += MINUTE;
  const swept = world.service.relay.sweep();
  await asked.promise;
  hanging.resolve({ state: "open" });
  expect(await swept).toBe(26);
});

/** Ids of orders whose payments are swept one after another. */
function ordersOfOneShard(count: number): readonly string[] {
  const ids = Array.from(
    { length: count * DUE_SHARDS * 2 },
    (_, index) => `0190a000-0000-7000-8000-${String(index).padStart(12, "0")}`,
  );
  return ids.filter((id) => dueShardOf(paymentIdFor(id), false, {}) === "0").slice(0, count);
}

describe("the order's word", () => {
  async function capturedBut(prepare: (world: TestWorld) => void) {
    const world = testWorld();
    await world.pay();
    prepare(world);
    await world.callback(await world.reference());
    await world.relay();
    return world;
  }

  test("that a capture does not pay it makes a full refund", async () => {
    const world = await capturedBut(({ order }) => {
      order.verdict = "refund";
    });
    const payment = await world.stored();
    expect(payment.attempts[0]?.refund_required).toBe("the order is cancelled");
    expect(payment.refunds).toMatchObject([{ automatic: true, amount: 10_000, status: "done" }]);
    expect(world.order.events.map(({ state, seq }) => [seq, state])).toEqual([
      [1, "captured"],
      [2, "ended"],
    ]);
    expect(world.parties.facts).toHaveLength(1);
  });

  test("is waited for while its service is down, and the fact stays owed", async () => {
    const world = await capturedBut(({ order }) => {
      order.down = true;
    });
    expect((await world.stored()).outbox).toMatchObject([{ id: "order:1", attempts: 1 }]);
    world.order.down = false;
    await world.relay();
    expect(world.order.events).toEqual([]);
    world.clock.time += 1_000;
    await world.relay();
    expect(world.order.events).toMatchObject([{ seq: 1, state: "captured" }]);
    expect((await world.stored()).outbox).toEqual([]);
  });

  test("about an older state does not count for the newer one", async () => {
    const world = await capturedBut(({ order }) => {
      order.down = true;
    });
    await world.callback(await world.reference(), { transaction_id: "t-2" });
    expect((await world.stored()).outbox.map(({ id }) => id)).toEqual(["order:2"]);
  });
});

test("events for parties are delivered again until they are accepted, under one id", async () => {
  const world = testWorld();
  await world.pay();
  world.parties.down = true;
  await world.callback(await world.reference(), { outcome: "failure" });
  await world.relay();
  expect((await world.stored()).outbox.map(({ id }) => id)).toEqual(["failed:1"]);
  world.parties.down = false;
  world.clock.time += 1_000;
  await world.relay();
  expect(world.parties.facts.map(({ event_id }) => event_id)).toEqual([`${PAYMENT_ID}:failed:1`]);
  expect((await world.stored()).outbox).toEqual([]);
});

describe("cancelling", () => {
  const stop = (world: TestWorld, who = buyer) =>
    cancel(world.service, { params: { id: PAYMENT_ID }, body: {}, user: who, scope });

  test("closes the attempt at the provider and here; the order may be paid anew", async () => {
    const fake = provider();
    const world = testWorld({ providers: fake.providers });
    await world.pay();
    expect((await stop(world)).body).toMatchObject({ status: "cancelled", checkout: null });
    expect(fake.requests).toEqual(["close"]);
    await expect(stop(world)).rejects.toMatchObject({ kind: "conflict", code: "payment_not_cancellable" });
    expect((await world.pay()).body.status).toBe("pending");
  });

  test("records a capture that was faster", async () => {
    const fake = provider();
    fake.close = captured;
    const world = testWorld({ providers: fake.providers });
    await world.pay();
    await expect(stop(world)).rejects.toMatchObject({ kind: "conflict", code: "payment_not_cancellable" });
    expect(statusOf(await world.stored())).toBe("succeeded");
    expect(world.hints).toHaveLength(1);
  });

  test("is not for the seller, and others see nothing", async () => {
    const world = testWorld();
    await world.pay();
    await expect(stop(world, seller)).rejects.toMatchObject({ kind: "forbidden" });
    await expect(stop(world, user("stranger"))).rejects.toMatchObject({ kind: "not_found" });
  });

  test("against a callback at the same time ends in paid or in refunded", async () => {
    const world = testWorld();
    await world.pay();
    const reference = await world.reference();
    await Promise.allSettled([stop(world), world.callback(reference)]);
    await world.relay();
    expect(["succeeded", "refunded"]).toContain(statusOf(await world.stored()));
  });
});
