// Ratios of two sides that were measured by turns: each round compares what was measured a moment apart.

import { median } from "../../tests/support/quantiles.ts";

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The middle and both ends of `values`. */
export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

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
