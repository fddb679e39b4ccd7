import { describe, expect, test } from "@jest/globals";
import { exhausted, pauseAfter, type Retry } from "./retry.ts";

const plan: Retry = { first: 100, longest: 2_000 };

describe("the pause after a failure", () => {
  test("doubles from one failure to the next, up to the longest", () => {
    expect([1, 2, 3, 4, 5, 6, 100, 1_000_000].map((failures) => pauseAfter(failures, plan))).toEqual([
      100, 200, 400, 800, 1_600, 2_000, 2_000, 2_000,
    ]);
  });

  test("grows by the factor that the plan gives", () => {
    const steep = { ...plan, growth: 4 };
    expect([1, 2, 3, 4].map((failures) => pauseAfter(failures, steep))).toEqual([100, 400, 1_600, 2_000]);
  });

  test("uses no randomness where there is no jitter", () => {
    const never = () => {
      throw new Error("randomness was used");
    };
    expect(pauseAfter(1, plan, never)).toBe(100);
  });

  test("has the plan's share of it drawn at random", () => {
    const half = { ...plan, jitter: 0.5 };
    expect(pauseAfter(1, half, () => 0)).toBe(50);
    expect(pauseAfter(1, half, () => 0.5)).toBe(75);
    expect(pauseAfter(9, half, () => 0)).toBe(1_000);
    expect(pauseAfter(1, { ...plan, jitter: 1 }, () => 0.25)).toBe(25);
  });
});

describe("work that failed is given up", () => {
  test("never, when the plan says nothing", () => {
    expect(exhausted(1e9, 1e15, plan)).toBe(false);
  });

  test("at the last of as many tries as it may have, not before", () => {
    expect(exhausted(2, 1e15, { ...plan, maxTries: 3 })).toBe(false);
    expect(exhausted(3, 0, { ...plan, maxTries: 3 })).toBe(true);
  });

  test("once it is older than the plan allows, not before", () => {
    expect(exhausted(1e9, 1_000, { ...plan, maxAge: 1_000 })).toBe(false);
    expect(exhausted(1, 1_001, { ...plan, maxAge: 1_000 })).toBe(true);
  });
});
