// Orders for tests.

import { createOrder, type NewOrder, type Order, type OrderStatus } from "./order.ts";

/** The time at which the tests' orders are created. */
export const NOW = Date.parse("2026-03-01T12:00:00.000Z");
export const MINUTE = 60_000;
/** Lifetime of an unpaid order in tests, in milliseconds. */
export const LIFETIME = 30 * MINUTE;

const details: NewOrder = {
  id: "0190a000-0000-7000-8000-000000000001",
  buyer_id: "buyer",
  buyer_email: "buyer@example.com",
  seller_id: "seller",
  customer_name: "张三",
  currency: "CNY",
  lines: [{ product_id: "p1", name: "Tea", unit_price: 1_250, quantity: 8 }],
  total: 10_000,
  shipping: null,
  remark: "",
  fingerprint: "f",
  lifetime: LIFETIME,
};

/** A new order of 100.00 CNY with an empty outbox. */
export function newOrder(given: Partial<NewOrder> = {}): Order {
  return { ...createOrder({ ...details, ...given }, NOW), outbox: [] };
}

/** An order with the given status. */
export function orderAt(status: OrderStatus): Order {
  return { ...newOrder(), status };
}
