// What happens to money at every bound of a payment.

import { describe, expect, test } from "@jest/globals";
import { derivedId } from "../../lib/core/ids.ts";
import { PARKED_SHARDS } from "../../lib/storage/due-shards.ts";
import { handle as refund } from "./handlers/refund-payment.ts";
import { type Payment, statusOf } from "./payment.ts";
import { MAX_ATTEMPTS, MAX_EXTRA_CAPTURES } from "./payment-attempts.ts";
import { MAX_REQUESTED_REFUNDS } from "./payment-refunds.ts";
import {
  MAX_OTHER_REFUNDS,
  MAX_OWN_REFUNDS,
  newCharge,
  refundAnswer,
  refund as refundCharge,
  type SandboxCharge,
} from "./providers/sandbox/charge.ts";
import { buyer, ORDER_ID, PAYMENT_ID, scope, seller, type TestWorld, testWorld, user } from "./test-world.ts";
import { unmatchedTransaction } from "./unmatched.ts";

const ask = (world: TestWorld, amount?: number, by = seller) =>
  refund(world.service, {
    params: { id: PAYMENT_ID },
    body: { reason: "damaged", ...(amount === undefined ? {} : { amount }) },
    user: by,
    scope,
    idempotencyKey: undefined,
  });

/** Every attempt there may be, each ended without a capture; the references in their order. */
async function allAttempts(world: TestWorld): Promise<string[]> {
  const references: string[] = [];
  for (let no = 1; no <= MAX_ATTEMPTS; no += 1) {
    await world.pay();
    const reference = await world.reference();
    references.push(reference);
    if (no < MAX_ATTEMPTS) await world.callback(reference, { outcome: "failure" });
  }
  return references;
}

/** A payment with an accepted capture, and as many second transactions as it keeps itself. */
async function full(world: TestWorld): Promise<string> {
  await world.pay();
  const reference = await world.reference();
  await world.callback(reference);
  for (let no = 1; no <= MAX_EXTRA_CAPTURES; no += 1) {
    await world.callback(reference, { transaction_id: `extra-${no}` });
  }
  return reference;
}

/** Ids of payments with something that waits for a person. */
async function parked({ service }: TestWorld): Promise<string[]> {
  const pages = await Promise.all(PARKED_SHARDS.map((shard) => service.store.parked(shard, 10)));
  return pages.flatMap(({ items }) => items);
}

const surplusId = (transaction: string) => derivedId("surplus-capture", PAYMENT_ID, transaction);

const surplus = async (world: TestWorld, transaction: string): Promise<Payment> => {
  const kept = await world.service.store.read(surplusId(transaction));
  if (!kept) throw new Error(`The capture ${transaction} was dropped`);
  return kept;
};

describe("with as many attempts as there may be", () => {
  test("another one is refused, and nothing is lost by that", async () => {
    const world = testWorld();
    const references = await allAttempts(world);
    await world.callback(references.at(-1) ?? "", { outcome: "failure" });
    await expect(world.pay()).rejects.toMatchObject({ kind: "conflict", code: "too_many_attempts" });
    expect((await world.stored()).attempts).toHaveLength(MAX_ATTEMPTS);
  });

  test("the last one is captured, and a second transaction of any of them is recorded and refunded", async () => {
    const world = testWorld();
    const references = await allAttempts(world);
    await world.callback(references.at(-1) ?? "");
    await world.callback(references.at(-1) ?? "", { transaction_id: "again" });
    await world.callback(references[0] ?? "", { transaction_id: "late" });
    await world.relay();
    const payment = await world.stored();
    expect(statusOf(payment)).toBe("succeeded");
    expect(payment.refunds.map(({ amount, status, automatic }) => [amount, status, automatic])).toEqual([
      [10_000, "done", true],
      [10_000, "done", true],
    ]);
  });

  test("second transactions take no attempt away from the payer", async () => {
    const world = testWorld();
    await world.pay();
    const reference = await world.reference();
    await world.callback(reference, { currency: "USD" });
    for (let no = 1; no <= MAX_EXTRA_CAPTURES; no += 1) {
      await world.callback(reference, { transaction_id: `extra-${no}` });
    }
    for (let no = 2; no <= MAX_ATTEMPTS; no += 1) {
      await world.pay();
      await world.callback(await world.reference(), { outcome: "failure" });
    }
    await expect(world.pay()).rejects.toMatchObject({ code: "too_many_attempts" });
  });
});

describe("a capture for which the payment has no room", () => {
  test("is kept as a payment of its own and refunded; the payment stays as it was", async () => {
    const world = testWorld();
    const reference = await full(world);
    await world.relay();
    const before = await world.stored();
    expect((await world.callback(reference, { transaction_id: "t-surplus" })).status).toBe(200);
    expect(await world.stored()).toEqual(before);
    expect((await surplus(world, "t-surplus")).refunds).toMatchObject([
      { amount: 10_000, automatic: true, status: "due" },
    ]);
    await world.service.relay.relay(surplusId("t-surplus"));
    const kept = await surplus(world, "t-surplus");
    expect(statusOf(kept)).toBe("refunded");
    expect(kept).toMatchObject({ order_id: ORDER_ID, user_id: "buyer", currency: "CNY" });
  });

  test("is kept once, however often and however many at once it is reported", async () => {
    const world = testWorld();
    const reference = await full(world);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        world.callback(reference, { transaction_id: `surplus-${n % 2}`, amount: "7.00" }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (const transaction of ["surplus-0", "surplus-1"]) {
      expect((await surplus(world, transaction)).refunds).toMatchObject([{ amount: 700 }]);
    }
  });

  test("is swept, so that it is refunded without any hint", async () => {
    const world = testWorld();
    const reference = await full(world);
    await world.callback(reference, { transaction_id: "t-surplus" });
    world.clock.time += 60_000;
    await world.service.relay.sweep();
    expect(statusOf(await surplus(world, "t-surplus"))).toBe("refunded");
  });

  test("is never reported to the order, whose payment it is not", async () => {
    const world = testWorld();
    const reference = await full(world);
    await world.relay();
    world.order.events.length = 0;
    await world.callback(reference, { transaction_id: "t-surplus" });
    await world.service.relay.relay(surplusId("t-surplus"));
    expect(world.order.events).toEqual([]);
    expect(world.parties.facts.at(-1)).toMatchObject({
      event: "payment.refunded",
      related_id: surplusId("t-surplus"),
    });
  });

  test("is parked when the provider rejects its refund", async () => {
    const world = testWorld();
    const reference = await full(world);
    await world.callback(reference, { transaction_id: "t-surplus" });
    const provider = world.service.ports.providers.get("sandbox");
    if (!provider) throw new Error("There is no sandbox");
    const refuses = { ...provider, refund: async () => "rejected" as const };
    const refusing = testWorld({ providers: new Map([["sandbox", refuses]]) });
    await refusing.service.store.create(await surplus(world, "t-surplus"));
    await refusing.service.relay.relay(surplusId("t-surplus"));
    expect((await surplus(refusing, "t-surplus")).refunds).toMatchObject([{ status: "rejected" }]);
    expect(await parked(refusing)).toEqual([surplusId("t-surplus")]);
  });
});

describe("refunds that people ask for", () => {
  test("are bounded: the last one has to be of all that remains", async () => {
    const world = testWorld();
    await world.pay();
    await world.callback(await world.reference());
    for (let no = 1; no < MAX_REQUESTED_REFUNDS; no += 1) await ask(world, 1);
    await expect(ask(world, 1)).rejects.toMatchObject({ kind: "conflict", code: "last_refund_not_full" });
    await ask(world, undefined, user("support", ["refund"]));
    await world.relay();
    expect(statusOf(await world.stored())).toBe("refunded");
    await expect(ask(world, 1)).rejects.toMatchObject({ code: "refund_exceeds_capture" });
  });

  test("take no room from those the system owes", async () => {
    const world = testWorld();
    await world.pay();
    const reference = await world.reference();
    await world.callback(reference);
    for (let no = 1; no < MAX_REQUESTED_REFUNDS; no += 1) await ask(world, 1);
    await ask(world);
    for (let no = 1; no <= MAX_EXTRA_CAPTURES; no += 1) {
      await world.callback(reference, { transaction_id: `extra-${no}` });
    }
    await world.relay();
    const { refunds } = await world.stored();
    expect(refunds).toHaveLength(MAX_REQUESTED_REFUNDS + MAX_EXTRA_CAPTURES);
    expect(refunds.every(({ status }) => status === "done")).toBe(true);
  });

  test("that were rejected can be tried again although all of them are used up", async () => {
    const world = testWorld();
    await world.pay();
    await world.callback(await world.reference());
    for (let no = 1; no < MAX_REQUESTED_REFUNDS; no += 1) await ask(world, 1);
    await ask(world);
    await world.service.store.change(PAYMENT_ID, (payment) => ({
      ...payment,
      refunds: payment.refunds.map((one) => ({ ...one, status: "rejected" as const })),
    }));
    await expect(ask(world, undefined, buyer)).rejects.toMatchObject({ kind: "forbidden" });
    await expect(ask(world)).rejects.toMatchObject({ code: "too_many_refunds" });
    expect(await parked(world)).toEqual([PAYMENT_ID]);
  });
});

describe("the sandbox provider", () => {
  test("keeps a bounded number of refunds; what it has no room for is parked by the payment", async () => {
    const world = testWorld();
    const reference = await full(world);
    const order = {
      reference,
      amount: 1,
      captured_amount: 10_000,
      currency: "CNY",
      reason: "x",
      asked_before: false,
    };
    const { refund } = world.sandbox.provider;
    for (let no = 0; no < MAX_OTHER_REFUNDS; no += 1) {
      expect(await refund({ ...order, id: `r-${no}`, transaction_id: `other-${no}` })).toBe("done");
    }
    expect(await refund({ ...order, id: "r-0", transaction_id: "other-0" })).toBe("done");
    expect(await refund({ ...order, id: "beyond", transaction_id: "other" })).toBe("rejected");
    await world.relay();
    const { refunds } = await world.stored();
    expect(new Set(refunds.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(await parked(world)).toEqual([PAYMENT_ID]);
  });

  test("has room for all that its own capture may have to refund, whatever others took", () => {
    const decision = {
      outcome: "success",
      transaction_id: "own",
      amount: 10_000,
      currency: "CNY",
      decided_at: "",
    } as const;
    const others = Array.from({ length: MAX_OTHER_REFUNDS }, (_, no) => ({
      id: `other-${no}`,
      transaction_id: "other",
      amount: 1,
    }));
    const charge: SandboxCharge = { ...newCharge("r"), decision, refunds: others };
    const ours = Array.from({ length: MAX_REQUESTED_REFUNDS + 1 }, (_, no) => `own-${no}`);
    const after = ours.reduce(
      (state, id) =>
        refundCharge(state, {
          id,
          reference: "r",
          transaction_id: "own",
          amount: 1,
          captured_amount: 10_000,
          currency: "CNY",
          reason: "x",
          asked_before: false,
        }),
      charge,
    );
    expect(ours.map((id) => refundAnswer(after, id))).toEqual(ours.map(() => "done"));
    expect(MAX_OWN_REFUNDS).toBeGreaterThan(MAX_REQUESTED_REFUNDS);
    expect(JSON.stringify(after).length).toBeLessThan(100_000);
  });
});

test("a report of money is kept within bounds, however long its texts are, and two that differ are two", () => {
  const long = "x".repeat(1_000_000);
  const report = (end: string) =>
    unmatchedTransaction(
      {
        method: "sandbox",
        kind: "capture",
        reason: "no payment",
        reported: { reference: long, transaction_id: `${long}${end}`, amount: long, currency: long },
        text: "界".repeat(1_000_000),
      },
      0,
    );
  expect(Buffer.byteLength(JSON.stringify(report("a")))).toBeLessThan(4_000);
  expect(report("a")).toEqual(report("a"));
  expect(report("a").id).not.toBe(report("b").id);
  expect(report("a").transaction_id).not.toBe(report("b").transaction_id);
});

test("the history keeps the newest entries, and the money does not depend on it", async () => {
  const world = testWorld();
  const reference = await full(world);
  for (let no = 1; no < MAX_REQUESTED_REFUNDS; no += 1) await ask(world, 1);
  await ask(world);
  await world.relay();
  await world.callback(reference, { transaction_id: "extra-1" });
  const payment = await world.stored();
  expect(payment.history.length).toBeLessThanOrEqual(50);
  expect(payment.refunds.reduce((total, { amount }) => total + amount, 0)).toBe(
    10_000 * (1 + MAX_EXTRA_CAPTURES),
  );
});
