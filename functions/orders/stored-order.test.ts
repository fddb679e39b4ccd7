import { expect, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import type { Order } from "./order.ts";
import { orderStore } from "./order-store.ts";
import { newOrder } from "./test-orders.ts";

const lease_until = "2026-11-01T12:15:00.000Z";
const payment = { id: "p", seq: 1, attempt: null, refused: [] };

test.each<[string, Order["payment"], object | null]>([
  ["no lease", null, null],
  ["a lease", { ...payment, lease_until, fencing_seq: 3 }, { ...payment, live_until: lease_until, fence: 3 }],
  ["a lease without fencing", { ...payment, lease_until }, { ...payment, live_until: lease_until }],
  ["a lease that ended", { ...payment, lease_until: null }, { ...payment, live_until: null }],
])(
  "an order with %s is stored by the names that other versions read, and read as it was",
  async (_, now, stored) => {
    const table = memoryTable();
    const order = { ...newOrder(), payment: now };
    await orderStore(table).create(order);
    const item = await table.get(order.id);
    expect(JSON.parse(item?.doc ?? "")).toMatchObject({ payment: stored });
    expect(item?.doc).not.toMatch(/lease_until|fencing_seq/);
    expect(await orderStore(table).read(order.id)).toEqual(order);
  },
);
