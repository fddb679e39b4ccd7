import { expect, test } from "@jest/globals";
import {
  estimatedDifference,
  estimatedRatio,
  estimateOf,
  pairedDifferences,
  pairedRatios,
  spreadOf,
} from "./ratios.ts";

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

test("the mean of few values is known by their spread and number, with Student's t", () => {
  // Standard deviation √2.5, of which √5 parts; of four degrees of freedom t is 2.776.
  const { likely, ...rest } = estimateOf([1, 2, 3, 4, 5]);
  expect(rest).toEqual({
    mean: 3,
    standardError: expect.closeTo(Math.sqrt(0.5), 4),
    median: 3,
    least: 1,
    most: 5,
  });
  expect(likely).toEqual([expect.closeTo(1.037, 3), expect.closeTo(4.963, 3)]);
});

test("a single value says nothing of how well it is known; of many t hardly changes", () => {
  expect(estimateOf([2]).likely).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  const { mean, standardError, likely } = estimateOf(Array.from({ length: 60 }, (_, index) => index % 2));
  expect(likely[1] - mean).toBeCloseTo(2.086 * standardError);
});

test("estimates are of what is compared pair by pair", () => {
  expect(estimatedRatio([10, 20], [11, 22])).toMatchObject({ mean: 1.1, standardError: 0 });
  expect(estimatedDifference([10, 20], [11, 23])).toMatchObject({ mean: 2, standardError: 1 });
  expect(() => estimatedRatio([1, 2], [1])).toThrow("the same rounds");
});

test("sides of different rounds are not compared", () => {
  expect(() => pairedRatios([1, 2], [1])).toThrow("the same rounds");
  expect(() => pairedRatios([], [])).toThrow("the same rounds");
});
