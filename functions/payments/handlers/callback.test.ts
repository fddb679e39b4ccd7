import { describe, expect, test } from "@jest/globals";
import { statusOf } from "../payment.ts";
import { SIGNATURE_HEADER, signCallback } from "../providers/sandbox/signature.ts";
import { callbackText, MINUTE, SECRET, scope, type TestWorld, testWorld } from "../test-world.ts";
import { unmatchedParking } from "../unmatched.ts";
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
  test("captures with one write, and delivers the event to the order", async () => {
    const { world, reference } = await begun();
    world.operations.length = 0;
    expect(await world.callback(reference)).toEqual({ status: 200, body: { status: "ok" } });
    expect(world.operations).toEqual(["put"]);
    expect(world.hints).toHaveLength(1);
    await world.relay();
    // That it is delivered is recorded later.
    expect(world.operations).toEqual(["put"]);
    expect(world.order.events).toEqual([
      {
        payment_id: (await world.stored()).id,
        seq: 1,
        changed_at: (await world.stored()).updated_at,
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

  test("of a failure ends the attempt; buyer and order get the event", async () => {
    const { world, reference } = await begun();
    await world.callback(reference, { outcome: "failure" });
    await world.relay();
    expect(statusOf(await world.stored())).toBe("failed");
    expect(world.order.events).toMatchObject([{ state: "ended", attempt: null }]);
    expect(world.parties.facts).toMatchObject([
      {
        event: "payment.failed",
        data: { amount: "100.00", currency: "CNY" },
        parties: [{ user_id: "buyer", role: "buyer", email: "buyer@example.com", locale: "zh-CN" }],
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
  ])("over %s is recorded and refunded in full", async (_, changes, reason, captured) => {
    const { world, reference } = await begun();
    await world.callback(reference, changes);
    const payment = await world.stored();
    expect(payment.attempts[0]).toMatchObject({ status: "captured", captured_amount: captured });
    expect(payment.refunds).toMatchObject([{ automatic: true, amount: captured, reason }]);
    await world.relay();
    expect(statusOf(await world.stored())).toBe("refunded");
    // The order never gets it as a capture.
    expect(world.order.events.map(({ state }) => state)).not.toContain("captured");
    expect(world.parties.facts).toMatchObject([
      { event: "payment.refunded", parties: [{ role: "buyer" }, { role: "seller" }] },
    ]);
  });

  test("after the attempt failed is refunded in full", async () => {
    const { world, reference } = await begun();
    await world.callback(reference, { outcome: "failure" });
    await world.callback(reference);
    await world.relay();
    const payment = await world.stored();
    expect(payment.refunds).toMatchObject([{ automatic: true, amount: 10_000, status: "done" }]);
    expect(statusOf(payment)).toBe("refunded");
  });

  test("for a second transaction is refunded, and the first one still pays", async () => {
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

  test("for an attempt after another one paid is refunded", async () => {
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
});

const TAKEN = { status: 200, body: { status: "ok" } };
const SIGNED_BY_NAME = { method: "sandbox", settled_at: null };

describe("a callback that is signed", () => {
  test.each([
    ["no JSON", "hello", "callback"],
    ["an array", "[]", "callback"],
    ["an unknown outcome", callbackText("x", { outcome: "maybe" }), "callback"],
    ["an amount twice", callbackText("x").replace("}", ',"amount":"1.00"}'), "callback"],
    ["no amount", callbackText("x", { amount: null }), "capture"],
    ["a negative amount", callbackText("x", { amount: "-1.00" }), "capture"],
    ["an amount of nothing", callbackText("x", { amount: "0.00" }), "capture"],
    ["an amount in fractions", callbackText("x", { amount: "1.005" }), "capture"],
    ["an absurd amount", callbackText("x", { amount: "1e309" }), "capture"],
    ["an amount beyond what is exact", callbackText("x", { amount: "99999999999999.99" }), "capture"],
    ["no currency", callbackText("x", { currency: "money" }), "capture"],
    ["no transaction", callbackText("x", { transaction_id: undefined }), "capture"],
  ])("but has %s is kept for a person, once", async (_, body, kind) => {
    const { world } = await begun();
    const header = signCallback(SECRET, body, world.clock.time);
    for (let time = 1; time <= 3; time += 1) expect(await send(world, body, header)).toEqual(TAKEN);
    expect(await world.unmatched()).toMatchObject([{ ...SIGNED_BY_NAME, kind, excerpt: body }]);
  });

  test.each([
    ["no JSON", "hello", "goodbye"],
    [
      "an unknown outcome",
      callbackText("x", { outcome: "maybe" }),
      callbackText("x", { outcome: "perhaps" }),
    ],
  ])("but has %s is kept beside another one, also after that one was settled", async (_, earlier, later) => {
    const { world } = await begun();
    const sign = (body: string) => signCallback(SECRET, body, world.clock.time);
    await send(world, earlier, sign(earlier));
    const [first] = await world.unmatched();
    if (first === undefined) throw new Error("nothing was kept");
    await world.service.unmatched.change(first.id, (kept) => unmatchedParking.settle?.(kept, 0) ?? kept);
    expect(await world.unmatched()).toEqual([]);
    expect(await send(world, later, sign(later))).toEqual(TAKEN);
    expect(await world.unmatched()).toMatchObject([{ ...SIGNED_BY_NAME, kind: "callback" }]);
  });

  test.each([
    ["is no reference of ours", "nonsense"],
    ["is of no payment", "0".repeat(32)],
    ["is beyond all ids", "z".repeat(32)],
    ["is longer than any", "x".repeat(10_000)],
  ])("about money whose reference %s is kept for a person", async (_, reference) => {
    const { world } = await begun();
    expect(await world.callback(reference)).toEqual(TAKEN);
    const [kept, ...more] = await world.unmatched();
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ kind: "capture", transaction_id: "t-1", amount: "100.00", currency: "CNY" });
    expect(kept?.reference.length).toBeLessThan(300);
  });

  test("about money whose reference is of this payment but of no attempt is kept, and the payment stays as it is", async () => {
    const { world, reference } = await begun();
    const before = await world.stored();
    const other = `${reference.slice(0, -1)}${reference.endsWith("0") ? "1" : "0"}`;
    expect(await world.callback(other)).toEqual(TAKEN);
    expect(await world.unmatched()).toMatchObject([{ reference: other, amount: "100.00" }]);
    expect(await world.stored()).toEqual(before);
  });

  test.each([
    ["amount", { amount: "150.00" }],
    ["currency", { currency: "USD" }],
  ])(
    "about a transaction that is recorded with another %s is kept, and the payment stays as it is",
    async (_, other) => {
      const { world, reference } = await begun();
      await world.callback(reference);
      const paid = await world.stored();
      for (let time = 1; time <= 3; time += 1) expect(await world.callback(reference, other)).toEqual(TAKEN);
      expect(await world.callback(reference)).toEqual(TAKEN);
      expect(await world.stored()).toEqual(paid);
      expect(await world.unmatched()).toMatchObject([
        { ...SIGNED_BY_NAME, kind: "capture", transaction_id: "t-1", ...other },
      ]);
    },
  );

  test("without money, about an unknown attempt, is 404, and nothing is kept", async () => {
    const { world } = await begun();
    await expect(world.callback("0".repeat(32), { outcome: "failure" })).rejects.toMatchObject({
      kind: "not_found",
    });
    expect(await world.unmatched()).toEqual([]);
  });

  test("over more than any order may cost is recorded, and refunded in full", async () => {
    const { world, reference } = await begun();
    expect(await world.callback(reference, { amount: "1000000000.01" })).toEqual(TAKEN);
    await world.relay();
    const payment = await world.stored();
    expect(payment.attempts).toMatchObject([{ status: "captured", captured_amount: 100_000_000_001 }]);
    expect(payment.refunds).toMatchObject([{ amount: 100_000_000_001, status: "done", automatic: true }]);
    expect(statusOf(payment)).toBe("refunded");
    expect(await world.unmatched()).toEqual([]);
  });

  test("with an endless transaction id pays; the id is its beginning and its hash", async () => {
    const { world, reference } = await begun();
    const endless = { transaction_id: "t".repeat(65) };
    expect(await world.callback(reference, endless)).toEqual(TAKEN);
    expect(await world.callback(reference, endless)).toEqual(TAKEN);
    expect(await world.callback(reference, { transaction_id: "t".repeat(66) })).toEqual(TAKEN);
    const { attempts, refunds } = await world.stored();
    expect(attempts).toHaveLength(2);
    expect(attempts[0]?.transaction_id).toMatch(/^t{20}~[\w-]{43}$/);
    expect(refunds).toMatchObject([{ attempt: 2, amount: 10_000 }]);
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
