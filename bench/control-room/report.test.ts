import { expect, test } from "@jest/globals";
import { verdict } from "./report.ts";

test.each([
  [[1.0, 1.02], 1.01, "met"],
  [[1.04, 1.1], 1.06, "MISSED"],
  [[1.0, 1.05], 1.02, "met, but these rounds can't tell"],
  [[1.02, 1.09], 1.05, "MISSED, but these rounds can't tell"],
] as const)(
  "of a ratio that most likely is within %j, with a median of %d, a goal of 1.03 is %s",
  (likely, middle, said) => {
    expect(verdict({ median: middle, least: 0, most: 2, likely }, 1.03)).toBe(said);
  },
);
