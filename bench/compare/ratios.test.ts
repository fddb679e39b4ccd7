import { expect, test } from "@jest/globals";
import { pairedDifferences, pairedRatios, spreadOf } from "./ratios.ts";

test("a spread is the middle and both ends", () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(spreadOf([4, 2])).toEqual({ median: 3, least: 2, most: 4 });
});

test("ratios are taken within each round, so that a slow round counts for both sides", () => {
  expect(pairedRatios([10, 20, 40], [5, 10, 20])).toEqual({ median: 0.5, least: 0.5, most: 0.5 });
  expect(pairedRatios([10, 10], [20, 5])).toEqual({ median: 1.25, least: 0.5, most: 2 });
});

test("differences are taken within each round, too", () => {
  expect(pairedDifferences([10, 20, 30], [11, 25, 28])).toEqual({ median: 1, least: -2, most: 5 });
});

test("sides of different rounds are not compared", () => {
  expect(() => pairedRatios([1, 2], [1])).toThrow("the same rounds");
  expect(() => pairedRatios([], [])).toThrow("the same rounds");
});
