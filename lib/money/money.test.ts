import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatAmount, MAX_AMOUNT, parseAmount, sortableAmount } from "./money.ts";

describe("parseAmount", () => {
  test.each([
    [299.99, 29_999],
    ["299.99", 29_999],
    [1, 100],
    ["1.5", 150],
    [0.01, 1],
    ["1000000000.00", MAX_AMOUNT],
  ])("reads %p as %p minor units", (given, minor) => {
    expect(parseAmount(given)).toBe(minor);
  });

  test.each([
    0,
    -1,
    Number.NaN,
    JSON.parse("1e309"),
    0.335,
    1e21,
    "1,000",
    "",
    " 1",
    "1.",
    ".5",
    "007",
    "1e3",
    "1000000000.01",
    "+1",
  ])("refuses %p", (given) => {
    expect(parseAmount(given)).toBeUndefined();
  });

  test("is undone by formatAmount, for numbers and strings alike", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_AMOUNT }), (minor) => {
        expect(parseAmount(formatAmount(minor))).toBe(minor);
        expect(parseAmount(Number(formatAmount(minor)))).toBe(minor);
      }),
    );
  });
});

test("sortableAmount keeps the order of amounts", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_AMOUNT }), fc.integer({ min: 0, max: MAX_AMOUNT }), (a, b) => {
      expect(sortableAmount(a) < sortableAmount(b)).toBe(a < b);
    }),
  );
});
