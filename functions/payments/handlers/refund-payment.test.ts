import { describe, expect, test } from "@jest/globals";
import { PARKED_SHARDS } from "../../../lib/storage/due-shards.ts";
import { paymentParking } from "../aggregates.ts";
import { statusOf } from "../payment.ts";
import type { RefundAnswer } from "../providers/provider.ts";
import {
  buyer,
  MINUTE,
  ORDER_ID,
  PAYMENT_ID,
  scope,
  seller,
  type TestWorld,
  testWorld,
  user,
} from "../test-world.ts";
import { handle as refund } from "./refund-payment.ts";

/** A world whose order was paid, with everything delivered. */
async function paid(options: Parameters<typeof testWorld>[0] = {}) {
  const world = testWorld(options);
  await world.pay();
  await world.callback(await world.reference());
  await world.relay();
  world.order.events.length = 0;
  return world;
}

const ask = (world: TestWorld, amount?: number, who = seller, key?: string) =>
  refund(world.service, {
    params: { id: PAYMENT_ID },
    body: { reason: "broken", ...(amount === undefined ? {} : { amount }) },
    user: who,
    scope,
    idempotencyKey: key,
  });

describe("a refund", () => {
  test("is stored before the provider is called, then done, and both parties are notified", async () => {
    const world = await paid();
    const { status, body } = await ask(world);
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: "succeeded", refunds: [{ amount: "100.00", status: "due" }] });
    await world.relay();
    expect(statusOf(await world.stored())).toBe("refunded");
    expect(world.order.events).toMatchObject([{ attempt: 1, refunded_amount: 10_000 }]);
    // Not the reason, which the seller wrote.
    expect(world.parties.facts.map(({ data }) => Object.keys(data))).toEqual([
      ["order_id", "amount", "currency"],
    ]);
    expect(world.parties.facts).toMatchObject([
      {
        event: "payment.refunded",
        data: { order_id: ORDER_ID, amount: "100.00", currency: "CNY" },
        parties: [{ user_id: "buyer" }, { user_id: "seller" }],
      },
    ]);
  });

  test("can be partial, never above what remains, counting refunds under way", async () => {
    const world = await paid();
    await ask(world, 6_000);
    await expect(ask(world, 4_001)).rejects.toMatchObject({
      kind: "conflict",
      code: "refund_exceeds_capture",
    });
    await world.relay();
    expect(statusOf(await world.stored())).toBe("partially_refunded");
    const { body } = await ask(world);
    expect(body.refunds.at(-1)?.amount).toBe("40.00");
    await expect(ask(world)).rejects.toMatchObject({ code: "refund_exceeds_capture" });
  });

  test("requested 20 times at once never exceeds the capture", async () => {
    const world = await paid();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => ask(world, 999_999)));
    expect(answers.every(({ status }) => status === "rejected")).toBe(true);
    const halves = await Promise.allSettled(Array.from({ length: 20 }, () => ask(world, 5_000)));
    expect(halves.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  test("of nothing that was captured is 409", async () => {
    const world = testWorld();
    await world.pay();
    await expect(ask(world)).rejects.toMatchObject({ kind: "conflict", code: "payment_not_refundable" });
  });

  test("with the same key and body happens once, with another body is refused", async () => {
    const world = await paid();
    const first = await ask(world, 1_000, seller, "key");
    const again = await ask(world, 1_000, seller, "key");
    expect(first.headers).toEqual({});
    expect(again.headers).toEqual({ "idempotent-replayed": "true" });
    expect((await world.stored()).refunds).toHaveLength(1);
    await expect(ask(world, 2_000, seller, "key")).rejects.toMatchObject({ kind: "invalid" });
  });

  test("can be requested ten times", async () => {
    const world = await paid();
    for (let no = 1; no < 10; no += 1) await ask(world, 1);
    await ask(world);
    await world.relay();
    expect((await world.stored()).refunds).toHaveLength(10);
    expect(statusOf(await world.stored())).toBe("refunded");
  });
});

describe("who may refund", () => {
  test("the seller, and whoever has the scope for it", async () => {
    const world = await paid();
    expect((await ask(world, 1, seller)).status).toBe(201);
    expect((await ask(world, 1, user("support", ["refund"]))).status).toBe(201);
  });

  test("not who is named as the seller and may not sell", async () => {
    const named = ask(await paid(), 1, user("seller", ["notify", "operate"]));
    await expect(named).rejects.toMatchObject({ kind: "not_found" });
  });

  test("not a buyer whom an earlier version let be the seller as well", async () => {
    const world = await paid();
    await world.service.store.change(PAYMENT_ID, (payment) => ({ ...payment, seller_id: "buyer" }));
    await expect(ask(world, 1, user("buyer", ["sell"]))).rejects.toMatchObject({ kind: "forbidden" });
  });

  test("not the buyer, except with DEBUG", async () => {
    await expect(ask(await paid(), 1, buyer)).rejects.toMatchObject({ kind: "forbidden" });
    expect((await ask(await paid({ debug: true }), 1, buyer)).status).toBe(201);
  });

  test("for another user the payment does not exist", async () => {
    for (const debug of [false, true]) {
      await expect(ask(await paid({ debug }), 1, user("stranger"))).rejects.toMatchObject({
        kind: "not_found",
      });
    }
  });
});

describe("a provider that", () => {
  /** A sandbox whose refunds are answered by `answers` in turn; `requested` are the ids of the requests. */
  async function answering(...answers: (RefundAnswer | Error)[]) {
    const { sandbox } = testWorld();
    const requested: string[] = [];
    const provider = {
      ...sandbox.provider,
      async refund({ id }: { id: string }) {
        requested.push(id);
        const answer = answers.shift();
        if (answer === undefined || answer instanceof Error) throw answer ?? new Error("not expected");
        return answer;
      },
    };
    const world = await paid({ providers: new Map([["sandbox", provider]]) });
    await ask(world);
    return { world, requested };
  }

  test("does not complete it at once gets the request again later, with the same id, until it is done", async () => {
    const { world, requested } = await answering("pending", "pending", "done");
    await world.relay();
    expect((await world.stored()).refunds).toMatchObject([{ status: "requested", tries: 1 }]);
    await world.relay();
    expect(requested).toHaveLength(1);
    world.clock.time += 1_000;
    await world.relay();
    world.clock.time += 2_000;
    await world.relay();
    expect((await world.stored()).refunds).toMatchObject([{ status: "done" }]);
    expect(new Set(requested).size).toBe(1);
  });

  test("does not answer gets the request again later", async () => {
    const { world, requested } = await answering(new Error("timeout"), "done");
    await world.relay();
    expect((await world.stored()).refunds).toMatchObject([{ status: "due", tries: 1 }]);
    world.clock.time += 1_000;
    await world.relay();
    expect((await world.stored()).refunds).toMatchObject([{ status: "done" }]);
    expect(requested).toHaveLength(2);
  });

  test("rejects a refund: it is parked, the money counts as kept, and its refund can be requested again", async () => {
    const { world } = await answering("rejected", "done");
    await world.relay();
    const payment = await world.stored();
    expect(payment.refunds).toMatchObject([{ status: "rejected" }]);
    expect(statusOf(payment)).toBe("succeeded");
    expect(world.parties.facts).toEqual([]);
    await ask(world);
    await world.relay();
    expect(statusOf(await world.stored())).toBe("refunded");
  });

  /** What `npm run outbox -- list` shows of the payment, if it counts as parked. */
  async function parked(world: TestWorld) {
    const pages = await Promise.all(PARKED_SHARDS.map((shard) => world.service.store.parked(shard, 10)));
    if (pages.every(({ items }) => items.length === 0)) return [];
    return paymentParking.list(await world.stored()).map(({ kind, error }) => ({ kind, error }));
  }

  const relayFor = async (world: TestWorld, time: number, every: number) => {
    for (const end = world.clock.time + time; world.clock.time < end; world.clock.time += every) {
      await world.relay();
    }
  };

  test("does not accept a refund for an hour gets it further, and operators are told", async () => {
    const answers = Array.from({ length: 100 }, () => new Error("the account has not enough"));
    const { world, requested } = await answering(...answers);
    await relayFor(world, 55 * MINUTE, MINUTE);
    expect(await parked(world)).toEqual([]);
    await relayFor(world, 15 * MINUTE, MINUTE);
    expect(await parked(world)).toEqual([{ kind: "refund", error: "sandbox does not accept it" }]);
    answers.length = 0;
    const times = requested.length;
    const [refund] = (await world.stored()).refunds;
    await world.service.store.change(PAYMENT_ID, (payment) =>
      paymentParking.retry(payment, refund?.id ?? "", world.clock.time),
    );
    await world.relay();
    expect(requested).toHaveLength(times + 1);
  });

  test("accepts a refund may take days for it; after a week operators are told", async () => {
    const { world } = await answering(...Array.from({ length: 300 }, () => "pending" as const));
    await relayFor(world, 6 * 24 * 60 * MINUTE, 60 * MINUTE);
    expect(await parked(world)).toEqual([]);
    await relayFor(world, 2 * 24 * 60 * MINUTE, 60 * MINUTE);
    expect(await parked(world)).toEqual([
      { kind: "refund", error: "sandbox has accepted it, and does not complete it" },
    ]);
  });

  test("can't complete a refund without a person has operators told at once, until it goes on", async () => {
    const { world } = await answering("abnormal", "pending", "abnormal", "done");
    await world.relay();
    const told = { kind: "refund", error: "sandbox can't complete it: a person has to, there" };
    expect((await world.stored()).refunds).toMatchObject([{ status: "requested" }]);
    expect(await parked(world)).toEqual([told]);
    world.clock.time += MINUTE;
    await world.relay();
    expect(await parked(world)).toEqual([]);
    world.clock.time += MINUTE;
    await world.relay();
    expect(await parked(world)).toEqual([told]);
    world.clock.time += MINUTE;
    await world.relay();
    expect(statusOf(await world.stored())).toBe("refunded");
    expect(await parked(world)).toEqual([]);
  });
});
