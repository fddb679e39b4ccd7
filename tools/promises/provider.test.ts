import { expect, test } from "@jest/globals";
import { newOrder } from "../../functions/orders/test-orders.ts";
import { newCharge, type SandboxCharge } from "../../functions/payments/providers/sandbox/charge.ts";
import type { OrderFacts } from "./facts.ts";
import { providerObjections } from "./provider.ts";

const decision = {
  outcome: "success",
  transaction_id: "t1",
  amount: 500,
  currency: "CNY",
  decided_at: "2026-03-01T12:00:00.000Z",
} as const;
const captured: SandboxCharge = { ...newCharge("r1"), decision };
const facts = (charges: readonly SandboxCharge[]): OrderFacts => ({
  order: newOrder(),
  payment: undefined,
  charges,
  buyer: [],
  seller: [],
});

test("a charge without a capture says nothing", () => {
  const declined: SandboxCharge = { ...captured, decision: { ...decision, outcome: "failure" } };
  expect(providerObjections(facts([newCharge("r1"), declined]))).toEqual([]);
});

test("a capture that no payment has is found, and so is a second one that is kept", () => {
  const second: SandboxCharge = { ...newCharge("r2"), decision: { ...decision, transaction_id: "t2" } };
  expect(providerObjections(facts([captured]))).toEqual([
    "the provider captured 5.00, which is not recorded",
  ]);
  expect(providerObjections(facts([captured, second]))).toContain("the provider keeps 2 captures");
  const given: SandboxCharge = { ...second, refunds: [{ id: "f", transaction_id: "t2", amount: 500 }] };
  expect(providerObjections(facts([captured, given]))).not.toContain("the provider keeps 2 captures");
});

test("an order that does not cost what its lines cost is found", () => {
  const lines = [{ product_id: "p", name: "Tea", unit_price: 100, quantity: 2 }];
  const order = { ...newOrder(), lines, total: 200 };
  expect(providerObjections({ ...facts([]), order })).toEqual([]);
  expect(providerObjections({ ...facts([]), order: { ...order, total: 201 } })).toEqual([
    "the order costs 2.01, and its lines 2.00",
  ]);
});
