import { expect, test } from "@jest/globals";
import { paymentIdFor } from "../../functions/payments/payment-store.ts";
import { newReference } from "../../functions/payments/reference.ts";
import { paymentOf, subjectOf } from "./subject.ts";

const ORDER = "01980000-0000-7000-8000-000000000001";

test("the payment of an order is that of its service", () => {
  expect(paymentOf(ORDER)).toBe(paymentIdFor(ORDER));
});

test("each item leads to its order", () => {
  const payment = paymentOf(ORDER);
  expect(subjectOf("orders", ORDER, {})).toEqual({ order: ORDER });
  expect(subjectOf("payments", payment, { order_id: ORDER })).toEqual({ order: ORDER });
  expect(subjectOf("sandbox", newReference(payment, "c", 1), {})).toEqual({ payment });
  expect(subjectOf("notifications", "n", { related_id: ORDER })).toEqual({ either: ORDER });
  expect(subjectOf("notifications", "n", { related_id: null })).toBeUndefined();
});
