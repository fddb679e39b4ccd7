import { expect, test } from "@jest/globals";
import { calibration, inLoops } from "./machine.ts";

test("the loop takes CPU time", () => {
  expect(calibration()).toBeGreaterThan(0);
});

test("CPU time in loops does not depend on how fast the machine is", () => {
  expect(inLoops(30, 15)).toBe(2);
  expect(inLoops(60, 30)).toBe(2);
});
