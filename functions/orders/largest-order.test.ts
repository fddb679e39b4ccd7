import { expect, test } from "@jest/globals";
import { PeerRefusal } from "../../lib/contract/client.ts";
import { MAX_BODY_BYTES } from "../../lib/http/event-body.ts";
import { parkedEvents } from "../../lib/outbox/outbox.ts";
import type { Item, Table } from "../../lib/storage/table.ts";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { MAX_LINES } from "./contract.ts";
import { orderApi } from "./test-api.ts";
import { MINUTE, NOW } from "./test-orders.ts";

/** What DynamoDB takes as one item, names and values together. */
const MAX_ITEM_BYTES = 400 * 1_024;

/** Four bytes in UTF-8, twelve as JSON escapes: the most a character can cost. */
const WIDE = "🙂";

const largest = {
  customer_name: WIDE.repeat(100),
  shipping: {
    name: WIDE.repeat(100),
    phone: WIDE.repeat(40),
    address: WIDE.repeat(500),
    postal_code: WIDE.repeat(20),
  },
  remark: WIDE.repeat(500),
  seller_id: "s".repeat(128),
  items: Array.from({ length: MAX_LINES }, () => ({
    product_id: WIDE.repeat(100),
    name: WIDE.repeat(200),
    unit_price: "999.99",
    quantity: 10_000,
  })),
};

const escaped = (value: unknown) =>
  JSON.stringify(value).replace(/[\ud800-\udfff]/g, (half) => `\\u${half.charCodeAt(0).toString(16)}`);

function sizeOf(item: Item): number {
  const texts = [item.id, item.doc, ...Object.entries(item.index).flat()];
  return texts.reduce((sum, value) => sum + Buffer.byteLength(value), 100);
}

test("the largest order is let in, and still fits into an item after all that can happen to it", async () => {
  const table = memoryTable();
  let size = 0;
  const weighed: Table = {
    ...table,
    put(item, replaces) {
      size = Math.max(size, sizeOf(item));
      return table.put(item, replaces);
    },
  };
  const body = escaped(largest);
  expect(Buffer.byteLength(body)).toBeGreaterThan(300_000);
  expect(Buffer.byteLength(body)).toBeLessThan(MAX_BODY_BYTES);

  const buyer = "b".repeat(128);
  const { ask, pay, service, notifications } = orderApi(weighed);
  // Each event is refused for good, with an error text of the greatest length that is stored.
  notifications.refusal = new PeerRefusal("NotificationService", 422, "body_invalid", WIDE.repeat(1_000));
  const created = await ask("createOrder", { as: buyer, body });
  expect(created.status).toBe(201);
  const { id } = created.body;
  for (let change = 0; change < 60; change += 1) {
    const remark = `${WIDE.repeat(497)}${String(change).padStart(3, "0")}`;
    expect((await ask("updateOrder", { as: buyer, params: { id }, body: { remark } })).status).toBe(200);
  }
  await service.relay.relay(id);
  const live_until = new Date(NOW + 15 * MINUTE).toISOString();
  await ask("grantPaymentLease", { params: { id }, body: { payment_id: id, user_id: buyer, live_until } });
  await pay(id);
  await service.relay.relay(id);
  const refunded = { payment_id: id, seq: 2, attempt: 1, state: "captured", currency: "CNY" };
  const total = 99_999 * 10_000 * MAX_LINES;
  await ask("applyPaymentEvent", {
    params: { id },
    body: { ...refunded, captured_amount: total, refunded_amount: total },
  });
  expect((await ask("getOrder", { as: buyer, params: { id } })).body).toMatchObject({ status: "refunded" });
  const parked = parkedEvents((await service.store.read(id))?.outbox ?? []);
  expect(parked.map(({ payload }) => payload.event)).toEqual(["order.created", "order.paid"]);
  expect(size).toBeGreaterThan(100_000);
  expect(size).toBeLessThan(MAX_ITEM_BYTES / 2);
});
