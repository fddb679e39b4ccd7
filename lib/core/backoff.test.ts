import { expect, test } from "@jest/globals";
import { backoff } from "./backoff.ts";

const at = (random: number) => ({ first: 100, longest: 2_000, random: () => random });

test("pauses double from one failure to the next, up to the longest", () => {
  expect([1, 2, 3, 4, 5, 6, 100, 1_000_000].map((failures) => backoff(failures, at(1)))).toEqual([
    100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000,
  ]);
});

test("a pause is at least half its bound, never none at all", () => {
  expect(backoff(1, at(0))).toBe(50);
  expect(backoff(9, at(0))).toBe(1_000);
  expect(backoff(9, at(0.5))).toBe(1_500);
});
