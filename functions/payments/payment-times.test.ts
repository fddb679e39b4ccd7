import { expect, test } from "@jest/globals";
import { handle as refund } from "./handlers/refund-payment.ts";
import { MINUTE, PAYMENT_ID, scope, seller, type TestWorld, testWorld } from "./test-world.ts";

const iso = (time: number) => new Date(time).toISOString();

const refundAll = (world: TestWorld) =>
  refund(world.service, {
    params: { id: PAYMENT_ID },
    body: { reason: "broken" },
    user: seller,
    scope,
    idempotencyKey: undefined,
  });

/** What the parties were told, with when it happened. */
const told = ({ parties }: TestWorld) => parties.facts.map(({ event, occurred_at }) => [event, occurred_at]);

test("A payment begins after its order, also where its instance's clock is behind", async () => {
  const world = testWorld();
  world.order.changed_at = iso(world.clock.time + 4_000);
  await world.pay();
  expect((await world.stored()).created_at).toBe(iso(world.clock.time + 4_001));
  await world.callback(await world.reference(), { outcome: "failure" });
  await world.relay();
  expect(told(world)).toEqual([["payment.failed", iso(world.clock.time + 4_002)]]);
});

test("The times of a payment go forward, whatever the clocks of the instances that change it", async () => {
  const world = testWorld();
  await world.pay();
  const begun = world.clock.time;
  world.clock.time -= 4_000;
  await world.callback(await world.reference(), { outcome: "failure" });
  world.order.changed_at = iso(begun + 9_000);
  await world.pay("again");
  await world.callback(await world.reference());
  await world.relay();
  const { history, updated_at } = await world.stored();
  expect(history.map(({ at }) => at)).toEqual(
    [begun, begun + 1, begun + 9_001, begun + 9_002].map((time) => iso(time)),
  );
  expect(updated_at).toBe(iso(begun + 9_002));
  expect(world.order.events).toMatchObject([{ changed_at: updated_at }]);
});

test("A repeated request changes nothing, however late its order has changed", async () => {
  const world = testWorld();
  await world.pay("once");
  const before = await world.stored();
  world.order.changed_at = iso(world.clock.time + 4_000);
  expect((await world.pay("once")).headers).toMatchObject({ "idempotent-replayed": "true" });
  expect(await world.stored()).toEqual(before);
});

test("A capture that the order refuses is refunded after the order was cancelled", async () => {
  const world = testWorld();
  await world.pay();
  await world.callback(await world.reference());
  Object.assign(world.order, { verdict: "refund", changed_at: iso(world.clock.time + 4_000) });
  await world.relay();
  await world.relay();
  await world.relay();
  const [[event, at] = []] = told(world);
  expect(event).toBe("payment.refunded");
  expect(Date.parse(at ?? "")).toBeGreaterThan(world.clock.time + 4_000);
});

test("A refund is later than the order was paid, and knowing that costs no write", async () => {
  const world = testWorld();
  await world.pay();
  await world.callback(await world.reference());
  world.order.changed_at = iso(world.clock.time + 4_000);
  world.operations.length = 0;
  await world.relay();
  expect(world.operations).not.toContain("put");
  await refundAll(world);
  world.clock.time += MINUTE / 30;
  await world.relay();
  await world.relay();
  const refunded = told(world).find(([event]) => event === "payment.refunded");
  expect(Date.parse(refunded?.[1] ?? "")).toBeGreaterThan(Date.parse(world.order.changed_at));
});

test("A payment of an earlier version, whose times go back, goes on after the latest of them", async () => {
  const world = testWorld();
  await world.pay();
  const stored = await world.stored();
  const late = iso(world.clock.time + 9_000);
  await world.service.store.change(PAYMENT_ID, (payment) => ({
    ...payment,
    history: [{ at: late, status: "pending", note: "" }, ...payment.history],
  }));
  await world.callback(await world.reference());
  expect((await world.stored()).updated_at).toBe(iso(world.clock.time + 9_001));
  expect(stored).not.toHaveProperty("order_changed_at");
});
