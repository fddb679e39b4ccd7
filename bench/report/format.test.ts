import { expect, test } from "@jest/globals";
import { estimateOf } from "../compare/ratios.ts";
import { difference, estimatedTimes, figure, likelyRatio, memory, ratio, table } from "./format.ts";

test.each([
  [1234.56, "1235"],
  [12.34, "12.3"],
  [1.234, "1.23"],
  [0.2, "0.20"],
  [0.01234, "0.012"],
  [0, "0.00"],
])("%d is shown as %s", (value, shown) => {
  expect(figure(value)).toBe(shown);
});

test("a ratio is shown with the rounds it lies between", () => {
  expect(ratio({ median: 0.5, least: 0.48, most: 0.551 })).toBe("**0.50 ×** (0.48 to 0.55)");
});

test("a ratio of many rounds is shown with where its median most likely is", () => {
  const spread = { median: 1.042, least: 0.93, most: 1.206, likely: [1.01, 1.06] } as const;
  expect(likelyRatio(spread)).toBe("**1.04 ×** (1.01–1.06; rounds 0.93–1.21)");
});

test("an estimate is shown with where its mean most likely is; a difference with its standard error", () => {
  const estimate = {
    mean: 1.042,
    standardError: 0.01,
    likely: [1.01, 1.07],
    least: 0.98,
    most: 1.1,
    median: 1.04,
  } as const;
  expect(estimatedTimes(estimate)).toBe("**1.04 ×** (1.01–1.07; pairs 0.98–1.10, median 1.04)");
  expect(difference({ ...estimate, mean: -0.118, standardError: 0.032 })).toBe("−0.12 ± 0.03");
  expect(difference({ ...estimate, mean: -0.001 })).toBe("+0.00 ± 0.01");
});

test("of a single pair nobody knows where the mean is", () => {
  const one = estimateOf([1.05]);
  expect(estimatedTimes(one)).toBe("**1.05 ×** (unknown; pairs 1.05–1.05, median 1.05)");
  expect(difference(one)).toBe("+1.05");
});

test("memory is the sum, and that of each process", () => {
  expect(memory({ runtime: 186, helper: 82 })).toBe("268 MB (runtime 186, helper 82)");
});

test("columns of a table are as wide as their widest cell", () => {
  expect(table(["", "at once"], [["流程", "1"]])).toBe(
    ["|     | at once |", "| --- | ------- |", "| 流程  | 1       |"].join("\n"),
  );
});
