import { expect, test } from "@jest/globals";
import { memoryTable } from "../../tests/support/memory-table.ts";
import { paymentStore } from "./payment-store.ts";
import { testWorld } from "./test-world.ts";

test("a payment is stored by the names that other versions read, and read as it was", async () => {
  const world = testWorld();
  await world.pay();
  await world.callback(await world.reference(), { amount: "1.00" });
  const payment = await world.stored();
  expect(payment.attempts).toMatchObject([{ refund_required: "the amount is not the order's" }]);
  const table = memoryTable();
  await paymentStore(table).create(payment);
  const item = await table.get(payment.id);
  expect(JSON.parse(item?.doc ?? "").attempts).toMatchObject([
    { condemned: "the amount is not the order's" },
  ]);
  expect(item?.doc).not.toContain("refund_required");
  expect(await paymentStore(table).read(payment.id)).toEqual(payment);
});
