import { beforeEach, describe, expect, test } from "@jest/globals";
import { RetryBudget } from "./retry-budget.ts";

describe("the retry budget", () => {
  let now: number;
  let budget: RetryBudget;
  beforeEach(() => {
    now = 0;
    budget = new RetryBudget({ clock: () => now });
  });
  const spend = () => {
    let retries = 0;
    while (retries < 1_000 && budget.withdraw()) retries += 1;
    return retries;
  };

  test("begins with ten seconds' worth, and then allows ten a second", () => {
    expect(spend()).toBe(100);
    now += 1_000;
    expect(spend()).toBe(10);
    now += 100;
    expect(spend()).toBe(1);
  });

  test("allows one retry for five requests", () => {
    spend();
    for (let n = 0; n < 103; n += 1) budget.deposit();
    expect(spend()).toBe(20);
  });

  test("does not pile up for ever", () => {
    now += 3_600_000;
    for (let n = 0; n < 100_000; n += 1) budget.deposit();
    expect(spend()).toBe(100);
  });
});
