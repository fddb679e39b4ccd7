import { expect, test } from "@jest/globals";
import type { Notification } from "../../functions/notifications/notification.ts";
import { newOrder } from "../../functions/orders/test-orders.ts";
import { applyCharge, createPayment } from "../../functions/payments/payment-attempts.ts";
import { standingOf } from "./standing.ts";
import { testNotice } from "./test-notice.ts";

const ORDER = newOrder();
const NOW = Date.parse(ORDER.created_at);
const REFERENCE = "reference";

/** An attempt has failed, and everybody who is to know does. */
const PAYMENT = {
  ...applyCharge(
    createPayment(
      {
        id: "p",
        order_id: ORDER.id,
        user_id: ORDER.buyer_id,
        seller_id: ORDER.seller_id,
        buyer_email: null,
        currency: ORDER.currency,
      },
      {
        method: "sandbox",
        amount: ORDER.total,
        reference: REFERENCE,
        checkout: {},
        creation: { id: "key", fingerprint: "f", keyed: true },
        expires_at: new Date(NOW + 60_000).toISOString(),
      },
      NOW,
    ),
    REFERENCE,
    { state: "failed" },
    NOW,
  ),
  outbox: [],
};

const notice = (event: string, related_id: string, user_id = ORDER.buyer_id): Notification =>
  testNotice({ id: `${event} ${user_id}`, user_id, event, related_id, created_at: ORDER.created_at });

/** What the promise of notifications says, where nothing is known of what was answered. */
function objections(failedOf: string): readonly string[] {
  const facts = {
    order: ORDER,
    payment: PAYMENT,
    charges: [],
    buyer: [notice("order.created", ORDER.id), notice("payment.failed", failedOf)],
    seller: ORDER.seller_id === null ? [] : [notice("order.created", ORDER.id, ORDER.seller_id)],
    others: [],
  };
  const nothing = { notifications: [], acknowledged: [], readers: [], mailed: [] };
  const { violations } = standingOf(ORDER.id, facts, nothing, NOW);
  return violations.filter(({ promise }) => promise === "notified once").map(({ sentence }) => sentence);
}

test("a payment that is stored is the order's, also if nobody knows that it was answered", () => {
  expect(objections(PAYMENT.id)).toEqual([]);
});

test("of another payment nobody is to be notified", () => {
  expect(objections("another")).toEqual([
    expect.stringContaining("payment.failed of something else (another)"),
    expect.stringContaining("payment.failed 0 times, and it happened 1 times"),
  ]);
});
