import { beforeEach, expect, test } from "@jest/globals";
import { UnfollowedOrders } from "./unfollowed-orders.ts";

let orders: UnfollowedOrders;
beforeEach(() => {
  orders = new UnfollowedOrders();
});

test("of an order whose first write was told all notifications are known, whichever message told them", () => {
  orders.take({ begun: ["o"], notices: ["o", "n-1", "other", "n-2"] });
  orders.take({ begun: [], notices: ["p", "n-3", "o", "n-4"] });
  expect(orders.notificationsOf("o", "p")).toEqual(["n-1", "n-4", "n-3"]);
});

test("of any other there may be more, as of one that is forgotten, and of all once something was not told", () => {
  orders.take({ begun: ["o", "q"], notices: ["other", "n-2"] });
  expect(orders.notificationsOf("other", "p")).toBeUndefined();
  orders.forget("o", "p");
  expect(orders.notificationsOf("o", "p")).toBeUndefined();
  expect(orders.notificationsOf("q", "r")).toEqual([]);
  orders.clear();
  expect(orders.notificationsOf("q", "r")).toBeUndefined();
});

test("no more orders are remembered than there is room for", () => {
  for (let no = 0; no < 30_000; no += 1) orders.take({ begun: [`o-${no}`], notices: [`o-${no}`, `n-${no}`] });
  expect(orders.notificationsOf("o-0", "p")).toBeUndefined();
  expect(orders.notificationsOf("o-29999", "p")).toEqual(["n-29999"]);
});
