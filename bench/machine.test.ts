import { expect, test } from "@jest/globals";
import { watchSpeed } from "./machine.ts";

test("the loop takes CPU time, the least of all times at most as much as the one in the middle", () => {
  const { leastMs, medianMs } = watchSpeed()();
  expect(leastMs).toBeGreaterThan(0);
  expect(medianMs).toBeGreaterThanOrEqual(leastMs);
});
