import { describe, expect, test } from "@jest/globals";
import { handle as simulate } from "../../handlers/simulate.ts";
import { statusOf } from "../../payment.ts";
import { buyer, PAYMENT_ID, scope, seller, type TestWorld, testWorld, user } from "../../test-world.ts";
import type { Outcome } from "./charge.ts";
import { sandboxSecrets, signCallback, verifyCallback } from "./signature.ts";

async function begun() {
  const world = testWorld({ debug: true });
  await world.pay();
  return { world, reference: await world.reference() };
}

const decide = (world: TestWorld, outcome: Outcome, who = buyer) =>
  simulate(world.service, { params: { id: PAYMENT_ID }, body: { outcome }, user: who, scope });

describe("simulate", () => {
  test("makes the sandbox decide and send its signed callback until it is taken", async () => {
    const { world, reference } = await begun();
    world.callbacks.refused = true;
    expect(await decide(world, "success")).toEqual({
      status: 202,
      body: { payment_id: PAYMENT_ID, outcome: "success" },
    });
    expect(world.charges).toEqual([reference]);
    await world.sandbox.relay.relay(reference);
    expect(statusOf(await world.stored())).toBe("pending");
    world.callbacks.refused = false;
    world.clock.time += 1_000;
    await world.sandbox.relay.relay(reference);
    expect(statusOf(await world.stored())).toBe("succeeded");
    await world.sandbox.relay.relay(reference);
    expect(world.callbacks.taken).toBe(1);
  });

  test("gives the same answer for the same decision and 409 for another, also at the same time", async () => {
    const { world, reference } = await begun();
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, no) => decide(world, no % 2 === 0 ? "success" : "failure")),
    );
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
    await expect(decide(world, "failure")).rejects.toMatchObject({
      kind: "conflict",
      code: "charge_decided",
    });
    expect(await world.sandbox.provider.query(reference)).toMatchObject({
      state: "captured",
      amount: 10_000,
    });
  });

  test("is 409 once the attempt is closed", async () => {
    const { world, reference } = await begun();
    await world.sandbox.provider.close(reference);
    await expect(decide(world, "success")).rejects.toMatchObject({ kind: "conflict", code: "charge_closed" });
  });

  test("decides about the latest attempt", async () => {
    const { world, reference } = await begun();
    await decide(world, "failure");
    await world.sandbox.relay.relay(reference);
    await world.pay();
    await decide(world, "success");
    await world.sandbox.relay.relay(await world.reference());
    expect(statusOf(await world.stored())).toBe("succeeded");
  });

  test("is for the payer only", async () => {
    const { world } = await begun();
    await expect(decide(world, "success", seller)).rejects.toMatchObject({ kind: "forbidden" });
    await expect(decide(world, "success", user("stranger"))).rejects.toMatchObject({ kind: "not_found" });
  });
});

describe("the sandbox", () => {
  test("reports its capture when it is to be closed too late", async () => {
    const { world, reference } = await begun();
    await decide(world, "success");
    expect(await world.sandbox.provider.close(reference)).toMatchObject({ state: "captured" });
  });

  test("closes an unknown charge, and keeps it closed", async () => {
    const { world, reference } = await begun();
    expect(await world.sandbox.provider.query(reference)).toEqual({ state: "open" });
    expect(await world.sandbox.provider.close(reference)).toEqual({ state: "closed" });
    expect(await world.sandbox.provider.close(reference)).toEqual({ state: "closed" });
    expect(await world.sandbox.provider.query(reference)).toEqual({ state: "closed" });
  });

  test("refunds once per id, and no more than was captured", async () => {
    const { world, reference } = await begun();
    await decide(world, "success");
    const captured = await world.sandbox.provider.query(reference);
    if (captured.state !== "captured") throw new Error("It was not captured");
    const order = (id: string, amount: number) =>
      world.sandbox.provider.refund({
        id,
        reference,
        transaction_id: captured.transaction_id,
        amount,
        captured_amount: 999_999,
        currency: "CNY",
        reason: "test",
        asked_before: false,
      });
    expect(await Promise.all([order("a", 4_000), order("a", 4_000)])).toEqual(["done", "done"]);
    expect(await order("b", 6_001)).toBe("rejected");
    expect(await order("c", 6_000)).toBe("done");
    expect(await order("a", 4_000)).toBe("done");
  });
});

test("the secret is the one that is set, else one that SECRET_KEY gives, beside those of its fallbacks", () => {
  expect(sandboxSecrets({ SANDBOX_SECRET: "set" }, ["key", "before"])).toEqual(["set"]);
  const [derived, ...none] = sandboxSecrets({ SANDBOX_SECRET: undefined }, ["key"]);
  expect(derived).toMatch(/^[0-9a-f]{64}$/);
  expect(none).toEqual([]);
  const [other, fallback] = sandboxSecrets({}, ["other", "key"]);
  expect(other).not.toBe(derived);
  expect(fallback).toBe(derived);
});

test("a callback that was signed before the key was changed is taken while the old one is a fallback", () => {
  const header = signCallback("old", "{}", 5_000);
  expect(verifyCallback(["new", "old"], header, "{}")).toBe(5_000);
  expect(() => verifyCallback(["new"], header, "{}")).toThrow("The callback's signature is not valid.");
});
