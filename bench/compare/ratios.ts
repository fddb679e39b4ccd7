// Ratios of two sides that were measured by turns: each round compares what was measured a moment apart.

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

/** `after` by `before`, round by round. @throws {Error} when they are not of the same rounds. */
export const pairedRatios = (before: readonly number[], after: readonly number[]): Spread =>
  paired(before, after, (one, other) => other / one);

/** `after` less `before`, round by round. @throws {Error} when they are not of the same rounds. */
export const pairedDifferences = (before: readonly number[], after: readonly number[]): Spread =>
  paired(before, after, (one, other) => other - one);

function paired(
  before: readonly number[],
  after: readonly number[],
  compare: (before: number, after: number) => number,
): Spread {
  if (before.length !== after.length || before.length === 0)
    throw new Error("Both sides need the same rounds");
  return spreadOf(before.map((value, round) => compare(value, after[round] ?? Number.NaN)));
}
