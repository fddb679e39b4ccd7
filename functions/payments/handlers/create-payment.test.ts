import { describe, expect, test } from "@jest/globals";
import { PeerRefusal } from "../../../lib/contract/client.ts";
import { invalidValue } from "../../../lib/core/domain-error.ts";
import { type Provider, ProviderFailure } from "../providers/provider.ts";
import { MINUTE, ORDER_ID, PAYMENT_ID, testWorld } from "../test-world.ts";

describe("creating a payment", () => {
  test("takes the amount from the order, and returns the provider's checkout data", async () => {
    const world = testWorld();
    const { status, body } = await world.pay();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: PAYMENT_ID,
      order_id: ORDER_ID,
      user_id: "buyer",
      amount: "100.00",
      currency: "CNY",
      status: "pending",
      expires_at: new Date(world.clock.time + 15 * MINUTE).toISOString(),
    });
    expect(body.checkout?.["reference"]).toBe(await world.reference());
  });

  test("costs one write and no read", async () => {
    const world = testWorld();
    await world.pay();
    expect(world.operations).toEqual(["put"]);
  });

  test.each([
    [404, "not_found", "not_found"],
    [409, "conflict", "order_not_payable"],
    [422, "invalid", "amount_mismatch"],
  ])("passes the order's own refusal on: %p, %s, %p", async (status, kind, code) => {
    const world = testWorld();
    world.order.refusal = new PeerRefusal("OrderService", status, code, "No.");
    await expect(world.pay()).rejects.toMatchObject({ name: "DomainError", kind, code });
    expect(world.operations).toEqual([]);
  });

  test("is unavailable, and writes nothing, when the order's service is in trouble", async () => {
    const world = testWorld();
    world.order.refusal = new PeerRefusal("OrderService", 503, "storage_unavailable", "Later.");
    await expect(world.pay()).rejects.toMatchObject({ kind: "unavailable" });
    world.order.down = true;
    await expect(world.pay()).rejects.toMatchObject({ code: "peer_unavailable" });
    expect(world.operations).toEqual([]);
  });

  test("refuses a method that is not offered", async () => {
    const world = testWorld({ providers: new Map() });
    await expect(world.pay()).rejects.toMatchObject({ kind: "invalid", code: "method_not_available" });
  });

  test.each([
    ["does not answer", new ProviderFailure("sandbox", "no answer"), "provider_unavailable"],
    [
      "does not take its currency",
      invalidValue("currency_not_supported", "CNY only"),
      "currency_not_supported",
    ],
  ])("gives the order's lease back when the provider %s", async (_, failure, code) => {
    const { sandbox } = testWorld();
    const provider = { ...sandbox.provider, open: () => Promise.reject(failure) };
    const world = testWorld({ providers: new Map([["sandbox", provider]]) });
    await expect(world.pay()).rejects.toMatchObject({ code });
    const [granted, returned] = world.order.leases;
    expect(granted).not.toHaveProperty("given_back");
    expect(returned).toEqual({ ...granted, given_back: true });
    expect(granted?.holder).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("gives the lease back when it begins no attempt: repeated after its attempt ended, or one too many", async () => {
    const world = testWorld();
    const ended = async (key?: string) => {
      await world.pay(key);
      await world.callback(await world.reference(), { outcome: "failure" });
      await world.relay();
    };
    await ended("key");
    expect((await world.pay("key")).headers).toEqual({ "idempotent-replayed": "true" });
    const [, granted, ...returned] = world.order.leases;
    expect(returned.at(-1)).toMatchObject({ holder: granted?.holder, given_back: true });
    for (let attempt = 2; attempt <= 10; attempt += 1) await ended();
    world.order.leases.length = 0;
    await expect(world.pay()).rejects.toMatchObject({ code: "too_many_attempts" });
    expect(world.order.leases.at(-1)).toMatchObject({ given_back: true });
  });

  test("keeps the lease of an attempt that is live, whoever repeats its request", async () => {
    const world = testWorld();
    await world.pay("key");
    await world.pay("key");
    await expect(world.pay()).rejects.toMatchObject({ code: "payment_in_progress" });
    expect(world.order.leases.filter((lease) => lease.given_back)).toEqual([]);
  });

  test("answers what the provider said when the lease can't be given back", async () => {
    const { sandbox } = testWorld();
    const open = async () => {
      world.order.down = true;
      throw new ProviderFailure("sandbox", "no answer");
    };
    const world = testWorld({ providers: new Map([["sandbox", { ...sandbox.provider, open }]]) });
    await expect(world.pay()).rejects.toMatchObject({ code: "provider_unavailable" });
  });

  test("refuses a second attempt while one is live, and another payment once it is paid", async () => {
    const world = testWorld();
    await world.pay();
    await expect(world.pay()).rejects.toMatchObject({ kind: "conflict", code: "payment_in_progress" });
    await world.callback(await world.reference());
    await expect(world.pay()).rejects.toMatchObject({ kind: "conflict", code: "already_paid" });
  });

  test("takes another attempt after a failed one, up to ten", async () => {
    const world = testWorld();
    for (let no = 1; no <= 10; no += 1) {
      await world.pay();
      await world.callback(await world.reference(), { outcome: "failure", transaction_id: `t-${no}` });
    }
    expect((await world.stored()).attempts.map(({ status }) => status)).toEqual(Array(10).fill("failed"));
    await expect(world.pay()).rejects.toMatchObject({ kind: "conflict", code: "too_many_attempts" });
  });

  test("20 times at once for one order makes one attempt", async () => {
    const world = testWorld();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => world.pay()));
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused).toHaveLength(19);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "payment_in_progress" });
    expect((await world.stored()).attempts).toHaveLength(1);
  });
});

describe("an Idempotency-Key", () => {
  test("gives the first answer again, with how the payment stands now", async () => {
    const world = testWorld();
    await world.pay("key");
    const again = await world.pay("key");
    expect(again).toMatchObject({ status: 201, headers: { "idempotent-replayed": "true" } });
    await world.callback(await world.reference());
    const later = await world.pay("key");
    expect(later.body.status).toBe("succeeded");
    expect((await world.stored()).attempts).toHaveLength(1);
  });

  test("is answered even when the order gives no lease any more", async () => {
    const world = testWorld();
    await world.pay("key");
    await world.callback(await world.reference());
    world.order.refusal = new PeerRefusal("OrderService", 409, "order_not_payable", "It is paid.");
    expect(await world.pay("key")).toMatchObject({ status: 201, headers: { "idempotent-replayed": "true" } });
    await expect(world.pay("other key")).rejects.toMatchObject({ code: "order_not_payable" });
  });

  test("is answered even when the provider opens no charge any more", async () => {
    const { sandbox } = testWorld();
    let down = false;
    const open: Provider["open"] = async (charge) => {
      if (down) throw new ProviderFailure("sandbox", "no answer");
      return sandbox.provider.open(charge);
    };
    const world = testWorld({ providers: new Map([["sandbox", { ...sandbox.provider, open }]]) });
    const { body: first } = await world.pay("key");
    down = true;
    expect(await world.pay("key")).toMatchObject({
      status: 201,
      headers: { "idempotent-replayed": "true" },
      body: first,
    });
    expect(world.order.leases.filter((lease) => lease.given_back)).toEqual([]);
    await world.callback(await world.reference(), { outcome: "failure" });
    expect((await world.pay("key")).body.status).toBe("failed");
    expect(world.order.leases.at(-1)).toMatchObject({ given_back: true });
    await expect(world.pay("other")).rejects.toMatchObject({ code: "provider_unavailable" });
  });

  test("is refused with another body", async () => {
    const world = testWorld();
    await world.pay("key");
    await expect(world.pay("key", { amount: 10_000 })).rejects.toMatchObject({
      kind: "invalid",
      code: "idempotency_key_reused",
    });
  });

  test("20 times at once has one effect, and every answer is that of the first", async () => {
    const world = testWorld();
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.pay("key")));
    expect(new Set(answers.map(({ body }) => body.checkout?.["reference"])).size).toBe(1);
    expect(answers.filter(({ headers }) => "idempotent-replayed" in headers)).toHaveLength(19);
    expect((await world.stored()).attempts).toHaveLength(1);
  });
});
