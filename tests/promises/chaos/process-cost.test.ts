import { expect, test } from "@jest/globals";
import { cpuPerSecond, growthPerMinute, readSample } from "./process-cost.ts";

const samples = Array.from({ length: 61 }, (_, at) => ({ at, cpuMs: at * 20, rssMb: 100 + at / 30 }));

test("CPU time and growth are per second and per minute, of the given time", () => {
  expect(cpuPerSecond(samples, 10, 50)).toBeCloseTo(20);
  expect(growthPerMinute(samples, 0, 60)).toBeCloseTo(2);
});

test("this process costs something", () => {
  const { cpuMs, rssMb } = readSample(process.pid, 0);
  expect(cpuMs).toBeGreaterThan(0);
  expect(rssMb).toBeGreaterThan(20);
});
