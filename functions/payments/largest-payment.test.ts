// The largest payment there can be stays within one item, and still takes a capture and a refund.

import { expect, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import type { Attempt, Payment, Refund } from "./payment.ts";
import { applyCharge } from "./payment-attempts.ts";
import { requestRefund } from "./payment-refunds.ts";
import { PAYMENT_STATUSES } from "./payment-status.ts";
import { paymentStore } from "./payment-store.ts";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const ITEM_LIMIT_BYTES = 400 * 1024;
const ID = "0190a000-0000-7000-8000-000000000001";
const AT = "2026-11-01T12:00:00.000Z";
const NOW = Date.parse(AT);
// Three bytes each in UTF-8, the most that one unit of a JavaScript string takes.
const longest = (length: number) => "票".repeat(length);
const count = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index));

/** An attempt that is not captured yet. */
const attempt = (index: number): Attempt => ({
  no: index + 1,
  method: "sandbox",
  amount: 100_000_000_000,
  status: index < 9 ? "failed" : "pending",
  reference: `${index}`.padStart(32, "z"),
  // Providers give a signed link of up to 4 kB or so.
  checkout: { url: "x".repeat(4_096) },
  transaction_id: null,
  captured_amount: 0,
  captured_currency: null,
  closed_as: null,
  refund_required: null,
  key: ID,
  fingerprint: "f".repeat(22),
  created_at: AT,
  expires_at: AT,
  ended_at: AT,
  check_at: AT,
  checks: 1_000,
});

/** A second transaction of the first attempt. */
const extra = (index: number): Attempt => ({
  ...attempt(index),
  status: "captured",
  checkout: {},
  transaction_id: `${index}`.padStart(64, "t"),
  captured_amount: 100_000_000_000,
  captured_currency: "CNY",
  refund_required: longest(200),
  key: `again:${index}`.padEnd(70, "t"),
});

const refund = (index: number): Refund => ({
  id: `${ID}${index}`,
  attempt: (index % 20) + 1,
  amount: 1,
  reason: longest(200),
  automatic: index !== 0,
  status: "rejected",
  fingerprint: "f".repeat(22),
  created_at: AT,
  done_at: AT,
  tries: 1_000,
  next_at: AT,
});

/** All a payment can hold before its last attempt is captured and its last refund requested. */
const largest: Payment = {
  id: ID,
  order_id: ID,
  user_id: "u".repeat(128),
  seller_id: "s".repeat(128),
  buyer_email: longest(320),
  buyer_locale: "zh-CN",
  currency: "CNY",
  attempts: [...count(9, attempt), ...count(10, (index) => extra(index + 10)), attempt(9)],
  refunds: count(29, refund),
  seq: 1_000,
  history: count(50, (index) => ({
    at: AT,
    status: PAYMENT_STATUSES[index % PAYMENT_STATUSES.length] ?? "pending",
    note: longest(300),
  })),
  created_at: AT,
  updated_at: AT,
  outbox: count(40, (index) => ({
    id: `refunded:${ID}${index}`,
    payload: { to: "parties", event: "payment.refunded", refund: `${ID}${index}` },
    created_at: AT,
    attempts: 1_000,
    next_at: AT,
    // All of it was given up, with the longest text that is kept.
    refusals: 1_000,
    last_error: longest(201),
    parked_at: AT,
  })),
};

test("the largest payment takes a capture and a refund, and stays below what one item may have", async () => {
  const table = memoryTable();
  const store = paymentStore(table);
  await store.create(largest);
  const captured = await store.change(ID, (payment) =>
    applyCharge(
      payment,
      attempt(9).reference,
      {
        state: "captured",
        transaction_id: "t".repeat(64),
        amount: 100_000_000_000,
        currency: "CNY",
      },
      NOW,
    ),
  );
  expect(captured?.state.attempts.at(-1)?.status).toBe("captured");
  const refunded = await store.change(ID, (payment) =>
    requestRefund(payment, { id: "last", amount: undefined, reason: longest(200), fingerprint: "f" }, NOW),
  );
  expect(refunded?.state.refunds).toHaveLength(30);
  const bytes = Buffer.byteLength(JSON.stringify(await table.get(ID)));
  expect(bytes).toBeLessThan(ITEM_LIMIT_BYTES);
});
