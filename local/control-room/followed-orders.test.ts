import { beforeEach, expect, test } from "@jest/globals";
import { newReference } from "../../functions/payments/reference.ts";
import { paymentOf } from "../../tools/promises/subject.ts";
import { FollowedOrders } from "./followed-orders.ts";
import { Sampler } from "./sampler.ts";

const ORDER = "0197b5a0-0000-7000-8000-000000000001";
const OTHER = "0197b5a0-0000-7000-8000-000000000002";

/** As it is stored: the document is a text within the item. */
const item = (id: string, doc: object, version = 1) => ({
  id: { S: id },
  doc: { S: JSON.stringify({ id, ...doc }) },
  version: { N: String(version) },
});

let now: number;
let orders: FollowedOrders;
let told: Set<string>;
beforeEach(() => {
  now = 0;
  told = new Set();
  orders = new FollowedOrders(new Sampler({ all: 1, underLoad: 1, most: 30 }, () => now));
});
const of = (table: string, written: Parameters<FollowedOrders["of"]>[1]) =>
  orders.of(table, written, told, now);
const order = (id: string, version = 1) => of("shop-orders", item(id, {}, version));
/** So many more orders. */
const many = (count: number) =>
  Array.from({ length: count }, (_, no) => order(`0197b5a0-0000-7000-8000-${String(no).padStart(12, "9")}`));

test("of an order that is followed every item is passed on, however many others there are", () => {
  expect(order(ORDER)).toBe("whole");
  expect(many(200).at(-1)).toHaveProperty("order");
  const payment = paymentOf(ORDER);
  const items = [
    order(ORDER, 2),
    of("shop-payments", item(payment, { order_id: ORDER })),
    of("shop-sandbox", item(newReference(payment, "one", 1), {})),
    of("shop-notifications", item("n-1", { related_id: ORDER })),
    of("shop-notifications", item("n-2", { related_id: payment })),
  ];
  expect(items).toEqual(["whole", "whole", "whole", "whole", "whole"]);
});

test("of others only which order has changed, and which notifications are about it; after a while new ones have room again", () => {
  many(200);
  const [begins, goesOn] = [
    { order: OTHER, begins: true },
    { order: OTHER, begins: false },
  ];
  const payment = paymentOf(OTHER);
  expect(order(OTHER)).toEqual(begins);
  expect(of("shop-payments", item(payment, { order_id: OTHER }))).toEqual(goesOn);
  // Wherever it is in the document.
  expect(of("shop-payments", item("a", { user_id: "u", order_id: OTHER }))).toEqual(goesOn);
  for (const about of [OTHER, payment]) {
    const notice = (version: number) => of("shop-notifications", item("n-1", { related_id: about }, version));
    expect(notice(1)).toEqual({ notification: "n-1", about });
    expect(notice(2)).toBe("nothing");
  }
  now = 2_000;
  expect(order(OTHER, 2)).toEqual(goesOn);
  expect(order(ORDER)).toBe("whole");
  now = 100_000;
  expect(order(OTHER, 3)).toBe("whole");
});

test("of an order of which is told that it has changed nothing more is said, but for its notifications", () => {
  many(200);
  told.add(OTHER);
  expect(order(OTHER, 2)).toBe("told");
  expect(of("shop-payments", item(paymentOf(OTHER), { order_id: OTHER }))).toBe("told");
  expect(of("shop-notifications", item("n-1", { related_id: OTHER }))).toHaveProperty("notification");
});

test("what is of no order is not passed on, but a removed item is", () => {
  expect(of("shop-contacts", item("user", {}))).toBe("nothing");
  expect(of("shop-notifications", undefined)).toBe("whole");
  expect(of("shop-contacts", undefined)).toBe("nothing");
});
