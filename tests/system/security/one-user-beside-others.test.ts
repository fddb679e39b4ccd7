// One user has much stored, and requests all of it on many connections at once; another requests little meanwhile.

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { orderStore } from "../../../functions/orders/order-store.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { as } from "../../support/access/callers.ts";
import { startInProcess } from "../../support/in-process.ts";
import { send } from "../../support/shop.ts";
import type { SystemUnderTest } from "../../support/system-under-test.ts";

/** Together more than two lists at once and a line of 32. */
const ASKED = { "stats/": 32, "?limit=100": 20, "?limit=100&sort=-total_amount": 20 };
/** More than is read for one request, of orders as large as they get: 120 KB each. */
const ORDERS = 230;
/** A page of 384 KB and the order in which it ends, as users see them; a larger reply would keep others waiting. */
const LARGEST_REPLY = 640 * 1024;

let world: SystemUnderTest;
beforeAll(async () => {
  world = await startInProcess();
});
afterAll(() => world.cleanUp());

const line = { product_id: "🙂".repeat(100), name: "🙂".repeat(200), unit_price: 1, quantity: 1 };
const largest = {
  customer_name: "x",
  remark: "🙂".repeat(500),
  items: Array.from({ length: 100 }, () => line),
};

/** An order through the API, and copies of it with other ids straight into the table. */
async function storeLarge(path: string, headers: Readonly<Record<string, string>>): Promise<void> {
  const { status, body } = await send("POST", path, largest, headers);
  expect(status).toBe(201);
  const store = orderStore(platform().table("orders"));
  const order = await store.read(body.id);
  if (order === undefined) throw new Error("The order is not there");
  for (let at = 1; at < ORDERS; at += 1) {
    const id = `${order.id.slice(0, -4)}${at.toString(16).padStart(4, "0")}`;
    await store.create({ ...order, id, outbox: [] });
  }
}

test("a user who requests much at once is answered within bounds, and no other user is refused meanwhile", async () => {
  const path = `${world.urls.orders}/api/orders/`;
  const rich = await as("one-with-much");
  const other = await as("another");
  await storeLarge(path, rich);
  const { body: small } = await send("POST", path, { customer_name: "y", total_amount: 1 }, other);

  const replies = Object.entries(ASKED).flatMap(([query, times]) =>
    Array.from({ length: times }, () => send("GET", path + query, undefined, rich)),
  );
  const others = [];
  for (let at = 0; at < 20; at += 1) {
    others.push(await send("GET", `${path}${small.id}/`, undefined, other));
    others.push(await send("GET", `${path}?limit=1`, undefined, other));
  }
  expect(new Set(others.map(({ status }) => status))).toEqual(new Set([200]));

  for (const { status, headers, body } of await Promise.all(replies)) {
    // On a slow machine the last in line may wait too long.
    const refused = { 429: "too_many_at_once", 503: "deadline_exceeded" }[status];
    if (refused !== undefined) expect([headers["retry-after"], body.code]).toEqual(["1", refused]);
    else expect(status).toBe(200);
    expect(Buffer.byteLength(JSON.stringify(body))).toBeLessThan(LARGEST_REPLY);
  }
});

test("sums say how many orders they are of, and a list of large orders still has each of them", async () => {
  const path = `${world.urls.orders}/api/orders/`;
  const rich = await as("one-with-much");
  const { body: stats } = await send("GET", `${path}stats/`, undefined, rich);
  const { orders, complete } = stats.coverage.pending;
  expect(complete).toBe(false);
  expect(orders).toBeLessThan(ORDERS);
  expect(stats.by_status.pending.CNY).toEqual({
    count: orders,
    total_amount: `${orders * 100}.00`,
    capped: true,
  });

  const seen = new Set<string>();
  let cursor = "";
  for (let pages = 0; pages < ORDERS; pages += 1) {
    const { body: page } = await send("GET", `${path}?limit=100${cursor}`, undefined, rich);
    for (const { id } of page.items) seen.add(id);
    if (page.next_cursor === null) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  expect(seen.size).toBe(ORDERS);
});
