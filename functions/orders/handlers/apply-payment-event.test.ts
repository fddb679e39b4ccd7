import { expect, test } from "@jest/globals";
import { orderApi } from "../test-api.ts";

test("a capture of an order that never was is to be refunded", async () => {
  const { ask } = orderApi();
  const id = "0190a000-0000-7000-8000-00000000dead";
  const capture = { payment_id: id, seq: 1, attempt: 1, state: "captured", currency: "CNY" };
  const { status, body } = await ask("applyPaymentEvent", {
    params: { id },
    body: { ...capture, captured_amount: 1, refunded_amount: 0 },
  });
  expect([status, body.verdict]).toEqual([200, "refund"]);
});
