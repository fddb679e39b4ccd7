import { setImmediate } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Table } from "../../../../lib/storage/table.ts";
import { memoryTable } from "../../../../tests/support/memory-table.ts";
import { statusOf } from "../../payment.ts";
import { ORDER_ID, PAYMENT_ID, type TestWorld, testWorld } from "../../test-world.ts";
import { openTerminal, type SandboxTerminal } from "./terminal.ts";

let world: TestWorld;
let terminal: SandboxTerminal;
let reference: string;

beforeEach(async () => {
  world = testWorld();
  await world.pay();
  reference = await world.reference();
  const tables: Readonly<Record<string, Table>> = {
    payments: world.paymentTable,
    sandbox: world.sandboxTable,
  };
  terminal = openTerminal(
    (name) => tables[name] ?? memoryTable(),
    () => world.clock.time,
  );
});

const sweep = () => world.sandbox.relay.sweep();
const attempt = async () => (await terminal.list())[0];

describe("the sandbox's terminal", () => {
  test("lists the latest attempts with what the provider knows of them", async () => {
    expect(await terminal.list()).toEqual([
      {
        reference,
        payment_id: PAYMENT_ID,
        order_id: ORDER_ID,
        amount: "100.00",
        currency: "CNY",
        created_at: "2026-11-01T12:00:00.000Z",
        payment_status: "pending",
        attempt_status: "pending",
        charge: "open",
        captured: null,
        callbacks: [],
      },
    ]);
  });

  test("a callback that says another amount after the capture changes no payment, and is kept for a person", async () => {
    await terminal.decide(reference, { outcome: "success", send: "now" });
    await sweep();
    const paid = await world.stored();
    await terminal.repeat(reference, "now", "1.50");
    await sweep();
    expect(await attempt()).toMatchObject({ captured: "100.00", callbacks: [] });
    expect(await world.stored()).toEqual(paid);
    expect(await world.unmatched()).toMatchObject([{ kind: "capture", amount: "1.50" }]);
    await expect(terminal.repeat(reference, "now", "-1")).rejects.toMatchObject({ code: "amount_invalid" });
  });

  test("the amount that the first callback says is believed: one that is not the order's is given back", async () => {
    await terminal.decide(reference, { outcome: "success", reported: "1.50", send: "now" });
    await sweep();
    expect(await attempt()).toMatchObject({ captured: "100.00", callbacks: [] });
    const [first] = (await world.stored()).attempts;
    expect(first).toMatchObject({ captured_amount: 150, refund_required: "the amount is not the order's" });
  });

  test("knows no payment by what is no reference", async () => {
    for (const unknown of ["", "nope", PAYMENT_ID])
      await expect(terminal.decide(unknown, { outcome: "success", send: "now" })).rejects.toMatchObject({
        kind: "not_found",
      });
  });

  test.each([
    ["success", "succeeded", "captured"],
    ["failure", "failed", "failed"],
  ] as const)("decides %s, and the relay sends the callback", async (outcome, status, charge) => {
    await terminal.decide(reference, { outcome, send: "now" });
    await sweep();
    expect(statusOf(await world.stored())).toBe(status);
    expect(await attempt()).toMatchObject({ charge, callbacks: [], payment_status: status });
    await expect(terminal.decide(reference, { outcome, send: "now" })).rejects.toMatchObject({
      code: "charge_decided",
    });
  });

  test("captures another amount than was asked for, which does not pay the order", async () => {
    await terminal.decide(reference, { outcome: "success", amount: "99.99", send: "now" });
    await sweep();
    const [first] = (await world.stored()).attempts;
    expect(first).toMatchObject({ status: "captured", captured_amount: 9_999 });
    expect(first?.refund_required).not.toBe(null);
    await expect(
      terminal.decide(reference, { outcome: "success", amount: "-1", send: "now" }),
    ).rejects.toMatchObject({ code: "amount_invalid" });
  });

  test("sends a callback after a delay, and not before", async () => {
    await terminal.decide(reference, { outcome: "success", send: { afterMs: 30_000 } });
    world.clock.time += 29_999;
    await sweep();
    expect(world.callbacks.taken).toBe(0);
    expect(await attempt()).toMatchObject({ charge: "captured", callbacks: [{ state: "waiting" }] });
    world.clock.time += 1;
    await sweep();
    expect(statusOf(await world.stored())).toBe("succeeded");
  });

  test("holds a callback until it is sent, and sends it again as often as it is told to", async () => {
    await expect(terminal.repeat(reference, "now")).rejects.toMatchObject({ kind: "not_found" });
    await terminal.decide(reference, { outcome: "success", send: "held" });
    world.clock.time += 86_400_000;
    await sweep();
    expect(world.callbacks.taken).toBe(0);
    expect(await attempt()).toMatchObject({ callbacks: [{ state: "held" }] });
    await terminal.send(reference);
    await sweep();
    expect(world.callbacks.taken).toBe(1);
    await expect(terminal.send(reference)).rejects.toMatchObject({ code: "nothing_waits" });
    for (let times = 0; times < 2; times += 1) {
      world.clock.time += 1;
      await terminal.repeat(reference, "now");
    }
    await sweep();
    expect(world.callbacks.taken).toBe(3);
    const { attempts } = await world.stored();
    expect(attempts.map(({ captured_amount }) => captured_amount)).toEqual([10_000]);
  });

  test.each([
    ["first", [0, 1]],
    ["last", [1, 0]],
  ] as const)("sends what is held, the %s first", async (order, expected) => {
    await terminal.decide(reference, { outcome: "failure", send: "held" });
    await terminal.send(reference);
    await sweep();
    world.clock.time += 1_000;
    // The second attempt of the same payment: both report a capture or a failure of their own.
    await world.pay("again");
    const second = await world.reference();
    await terminal.repeat(reference, "held");
    world.clock.time += 1_000;
    await terminal.decide(second, { outcome: "success", send: "held" });
    let isOver = false;
    const sweeps = async () => {
      while (!isOver) {
        await sweep();
        await setImmediate();
      }
    };
    const swept = sweeps();
    expect(await terminal.sendHeld(order)).toBe(2);
    isOver = true;
    await swept;
    const wanted = [reference, second];
    expect(world.callbacks.references.slice(-2)).toEqual(expected.map((index) => wanted[index]));
  });
});
