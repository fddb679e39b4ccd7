import { expect, test } from "@jest/globals";
import { pairedDifferences, pairedRatios, spreadOf } from "./ratios.ts";

test("a spread is the middle and both ends", () => {
  expect(spreadOf([3, 1, 2])).toMatchObject({ median: 2, least: 1, most: 3 });
  expect(spreadOf([4, 2])).toMatchObject({ median: 3, least: 2, most: 4 });
});

test.each([
  // Two in 2 ** 6 cases are outside both ends, 3 %; with five values it would be 6 %.
  [6, 1, 6],
  [5, 1, 5],
  [1, 1, 1],
  // 158 of 4,096.
  [12, 3, 10],
  [20, 6, 15],
])(
  "the median of many is most likely between ranks of what was seen: of %i values %i and %i",
  (count, low, high) => {
    const values = Array.from({ length: count }, (_, index) => count - index);
    expect(spreadOf(values).likely).toEqual([low, high]);
  },
);

test("ratios are taken within each round, so that a slow round counts for both sides", () => {
  expect(pairedRatios([10, 20, 40], [5, 10, 20])).toMatchObject({ median: 0.5, least: 0.5, most: 0.5 });
  expect(pairedRatios([10, 10], [20, 5])).toMatchObject({ median: 1.25, least: 0.5, most: 2 });
});

test("differences are taken within each round, too", () => {
  expect(pairedDifferences([10, 20, 30], [11, 25, 28])).toMatchObject({ median: 1, least: -2, most: 5 });
});

test("sides of different rounds are not compared", () => {
  expect(() => pairedRatios([1, 2], [1])).toThrow("the same rounds");
  expect(() => pairedRatios([], [])).toThrow("the same rounds");
});
