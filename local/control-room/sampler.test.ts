import { expect, test } from "@jest/globals";
import { PerSecond } from "./sampler.ts";

test("so many a second, more after a quiet time, and some are left for others where that is asked", () => {
  let now = 0;
  const room = new PerSecond(10, 30, () => now);
  const taken = (spare = 0) => {
    let count = 0;
    while (room.take(spare)) count += 1;
    return count;
  };
  expect(taken(20)).toBe(10);
  expect(taken()).toBe(20);
  now = 1_000;
  expect(taken()).toBe(10);
  now = 60_000;
  expect(taken()).toBe(30);
});
