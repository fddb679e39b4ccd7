import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { newReference, paymentIdOf } from "./reference.ts";

test("a reference leads back to its payment, in 32 letters and digits", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), fc.nat(), (payment, creation, now) => {
      const reference = newReference(payment, creation, now);
      expect(reference).toMatch(/^[0-9a-z]{32}$/);
      expect(paymentIdOf(reference)).toBe(payment);
    }),
  );
});

test("another request, or the same one later, gets another reference", () => {
  const payment = "0190a000-0000-7000-8000-000000000001";
  const first = newReference(payment, "a", 1);
  expect(newReference(payment, "a", 1)).toBe(first);
  expect(newReference(payment, "b", 1)).not.toBe(first);
  expect(newReference(payment, "a", 2)).not.toBe(first);
});

test.each(["", "x", "z".repeat(32), "A".repeat(32), "0".repeat(33)])("%p is no reference", (text) => {
  expect(paymentIdOf(text)).toBeUndefined();
});
