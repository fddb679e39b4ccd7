// Ratios of two sides that were measured by turns, or at the same time: each round compares what was measured under the same conditions.

import { median } from "../../tests/support/quantiles.ts";

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** Where the median of ever more values would be, with 95 %; of fewer than six values both ends. */
  readonly likely: readonly [number, number];
}

/** The middle of `values`, both ends, and how well the middle is known. */
export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
  likely: likelyMedian(values),
});

const LIKELY = 0.95;

/**
 * By ranks, whatever the distribution: each value is above the true median as often as a coin shows heads, so of twelve values the third
 * and the last but two have it between them in 96 of 100 cases.
 */
function likelyMedian(values: readonly number[]): readonly [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const count = sorted.length;
  let cut = 0;
  let ways = 1;
  // Of 2 ** count cases, those in which no more than `cut` values are on one side.
  for (let cases = 1; ; cut += 1) {
    ways = (ways * (count - cut)) / (cut + 1);
    cases += ways;
    if (2 * cases > (1 - LIKELY) * 2 ** count) break;
  }
  return [sorted[cut] ?? Number.NaN, sorted[count - 1 - cut] ?? Number.NaN];
}

/** A mean, and how well it is known; for few values that are spread like those of many small causes. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
  /** Where the mean of ever more values would be, with 95 %, by Student's t; of a single value anywhere. */
  readonly likely: readonly [number, number];
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Student's t for 95 %, by degrees of freedom from one on; beyond them the last one, which is a little too much. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086,
] as const;

/** The mean of `values`, and how well it is known. */
export function estimateOf(values: readonly number[]): Estimate {
  const count = values.length;
  const mean = values.reduce((all, value) => all + value, 0) / count;
  const squares = values.reduce((all, value) => all + (value - mean) ** 2, 0);
  const standardError = count < 2 ? Number.POSITIVE_INFINITY : Math.sqrt(squares / (count - 1) / count);
  const half = (STUDENT[count - 2] ?? STUDENT[STUDENT.length - 1] ?? 0) * standardError;
  const { median: middle, least, most } = spreadOf(values);
  return { mean, standardError, likely: [mean - half, mean + half], median: middle, least, most };
}

/** `after` by `before`, pair by pair. @throws {Error} when they are not of the same pairs. */
export const estimatedRatio = (before: readonly number[], after: readonly number[]): Estimate =>
  estimateOf(paired(before, after, (one, other) => other / one));

/** `after` less `before`, pair by pair. @throws {Error} when they are not of the same pairs. */
export const estimatedDifference = (before: readonly number[], after: readonly number[]): Estimate =>
  estimateOf(paired(before, after, (one, other) => other - one));

/** `after` by `before`, round by round. @throws {Error} when they are not of the same rounds. */
export const pairedRatios = (before: readonly number[], after: readonly number[]): Spread =>
  spreadOf(paired(before, after, (one, other) => other / one));

/** `after` less `before`, round by round. @throws {Error} when they are not of the same rounds. */
export const pairedDifferences = (before: readonly number[], after: readonly number[]): Spread =>
  spreadOf(paired(before, after, (one, other) => other - one));

function paired(
  before: readonly number[],
  after: readonly number[],
  compare: (before: number, after: number) => number,
): readonly number[] {
  if (before.length !== after.length || before.length === 0)
    throw new Error("Both sides need the same rounds");
  return before.map((value, round) => compare(value, after[round] ?? Number.NaN));
}
