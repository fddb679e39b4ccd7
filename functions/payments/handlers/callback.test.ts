import { describe, expect, test } from "@jest/globals";
import { statusOf } from "../payment.ts";
import { SIGNATURE_HEADER, signCallback } from "../providers/sandbox/signature.ts";
import { callbackText, MINUTE, SECRET, scope, type TestWorld, testWorld } from "../test-world.ts";
import { handle as take } from "./callback.ts";

/** A world with one pending attempt, and its reference. */
async function begun() {
  const world = testWorld();
  await world.pay();
  return { world, reference: await world.reference() };
}

const send = (world: TestWorld, body: string, header: string | undefined) =>
  take(world.service, {
    params: { method: "sandbox" },
    headers: { [SIGNATURE_HEADER]: header },
    rawBody: body,
    scope,
  });

describe("a callback", () => {
  test("captures, tells the order, and costs one write each", async () => {
    const { world, reference } = await begun();
    world.operations.length = 0;
    expect(await world.callback(reference)).toEqual({ status: 200, body: { status: "ok" } });
    expect(world.operations).toEqual(["put"]);
    expect(world.hints).toHaveLength(1);
    await world.relay();
    expect(world.operations).toEqual(["put", "put"]);
    expect(world.order.events).toEqual([
      {
        payment_id: (await world.stored()).id,
        seq: 1,
        attempt: 1,
        state: "captured",
        captured_amount: 10_000,
        refunded_amount: 0,
        currency: "CNY",
      },
    ]);
    expect((await world.stored()).outbox).toEqual([]);
  });

  test("that comes 20 times at once has one effect", async () => {
    const { world, reference } = await begun();
    const answers = await Promise.all(Array.from({ length: 20 }, () => world.callback(reference)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(world.hints).toHaveLength(1);
    const payment = await world.stored();
    expect(payment.seq).toBe(1);
    expect(payment.refunds).toEqual([]);
  });

  test("of a failure ends the attempt and tells the buyer and the order", async () => {
    const { world, reference } = await begun();
    await world.callback(reference, { outcome: "failure" });
    await world.relay();
    expect(statusOf(await world.stored())).toBe("failed");
    expect(world.order.events).toMatchObject([{ state: "ended", attempt: null }]);
    expect(world.parties.facts).toMatchObject([
      {
        event: "payment.failed",
        data: { amount: "100.00", currency: "CNY" },
        parties: [{ user_id: "buyer", role: "buyer", email: "buyer@example.com" }],
      },
    ]);
  });

  test("of a failure after a success changes nothing", async () => {
    const { world, reference } = await begun();
    await world.callback(reference);
    const before = await world.stored();
    await world.callback(reference, { outcome: "failure", transaction_id: "t-2" });
    expect(await world.stored()).toEqual(before);
  });

  test.each([
    ["less than the amount", { amount: "0.01" }, "the amount is not the order's", 1],
    ["more than the amount", { amount: 1_000 }, "the amount is not the order's", 100_000],
    ["another currency", { currency: "USD" }, "the currency is not the order's", 10_000],
  ])("over %s is recorded and given back in full", async (_, changes, reason, captured) => {
    const { world, reference } = await begun();
    await world.callback(reference, changes);
    const payment = await world.stored();
    expect(payment.attempts[0]).toMatchObject({ status: "captured", captured_amount: captured });
    expect(payment.refunds).toMatchObject([{ automatic: true, amount: captured, reason }]);
    await world.relay();
    expect(statusOf(await world.stored())).toBe("refunded");
    // The order never hears of it as a capture.
    expect(world.order.events.map(({ state }) => state)).not.toContain("captured");
    expect(world.parties.facts).toMatchObject([
      { event: "payment.refunded", parties: [{ role: "buyer" }, { role: "seller" }] },
    ]);
  });

  test("after the attempt failed is given back in full", async () => {
    const { world, reference } = await begun();
    await world.callback(reference, { outcome: "failure" });
    await world.callback(reference);
    await world.relay();
    const payment = await world.stored();
    expect(payment.refunds).toMatchObject([{ automatic: true, amount: 10_000, status: "done" }]);
    expect(statusOf(payment)).toBe("refunded");
  });

  test("for a second transaction is given back, and the first one still pays", async () => {
    const { world, reference } = await begun();
    await world.callback(reference);
    await world.callback(reference, { transaction_id: "t-2" });
    await world.callback(reference, { transaction_id: "t-2" });
    await world.relay();
    const payment = await world.stored();
    expect(payment.refunds).toMatchObject([{ attempt: 2, amount: 10_000, reason: "it was paid twice" }]);
    expect(statusOf(payment)).toBe("succeeded");
    expect(world.order.events.at(-1)).toMatchObject({ attempt: 1, refunded_amount: 0 });
  });

  test("for an attempt after another one paid is given back", async () => {
    const { world, reference } = await begun();
    await world.callback(reference, { outcome: "failure" });
    await world.pay();
    await world.callback(await world.reference(), { transaction_id: "t-2" });
    await world.callback(reference, { transaction_id: "t-late" });
    await world.relay();
    const payment = await world.stored();
    expect(payment.refunds).toMatchObject([{ attempt: 1, status: "done" }]);
    expect(statusOf(payment)).toBe("succeeded");
  });
});

describe("a callback that can't be believed", () => {
  test.each([
    ["without a signature", undefined],
    ["with a malformed signature", "v1=abc"],
    ["signed with another key", signCallback("wrong", callbackText("x"), Date.now())],
    ["signed twice", `${signCallback(SECRET, "a", 0)},${signCallback(SECRET, "b", 0)}`],
  ])("%s is 401 and has no effect", async (_, header) => {
    const { world, reference } = await begun();
    const before = await world.stored();
    await expect(send(world, callbackText(reference), header)).rejects.toMatchObject({
      kind: "unauthenticated",
    });
    expect(await world.stored()).toEqual(before);
  });

  test("whose body was changed after signing is 401", async () => {
    const { world, reference } = await begun();
    const header = signCallback(SECRET, callbackText(reference, { amount: "0.01" }), world.clock.time);
    await expect(send(world, callbackText(reference), header)).rejects.toMatchObject({
      kind: "unauthenticated",
      code: "signature_invalid",
    });
  });

  test.each([
    ["no JSON", "hello"],
    ["an array", "[]"],
    ["no amount", callbackText("x", { amount: null })],
    ["a negative amount", callbackText("x", { amount: "-1.00" })],
    ["an absurd amount", callbackText("x", { amount: "1e309" })],
    ["an unknown outcome", callbackText("x", { outcome: "maybe" })],
    ["an endless transaction id", callbackText("x", { transaction_id: "t".repeat(65) })],
  ])("that is signed but has %s is 400", async (_, body) => {
    const { world } = await begun();
    const header = signCallback(SECRET, body, world.clock.time);
    await expect(send(world, body, header)).rejects.toMatchObject({
      kind: "malformed",
      code: "callback_malformed",
    });
  });

  test.each([
    ["is no reference of ours", "nonsense"],
    ["is of no payment", "0".repeat(32)],
    ["is beyond all ids", "z".repeat(32)],
  ])("whose reference %s is 404", async (_, reference) => {
    const { world } = await begun();
    await expect(world.callback(reference)).rejects.toMatchObject({ kind: "not_found" });
  });

  test("whose reference is of this payment but of no attempt is 404", async () => {
    const { world, reference } = await begun();
    const other = `${reference.slice(0, -1)}${reference.endsWith("0") ? "1" : "0"}`;
    await expect(world.callback(other)).rejects.toMatchObject({ kind: "not_found" });
  });
});

describe("a callback older than five minutes", () => {
  test("does not count: the provider itself says that nothing was paid", async () => {
    const { world, reference } = await begun();
    const old = world.clock.time - 6 * MINUTE;
    expect(await world.callback(reference, {}, old)).toMatchObject({ status: 200 });
    expect(statusOf(await world.stored())).toBe("pending");
  });

  test("counts as what the provider itself says", async () => {
    const { world, reference } = await begun();
    const charge = { reference, amount: 10_000, currency: "CNY" };
    await world.sandbox.decide(charge, "success", scope.traceparent);
    await world.callback(reference, { outcome: "failure" }, world.clock.time - 6 * MINUTE);
    expect(statusOf(await world.stored())).toBe("succeeded");
  });
});
