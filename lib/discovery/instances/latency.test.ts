import { describe, expect, test } from "@jest/globals";
import { Latency } from "./latency.ts";

describe("latency", () => {
  test("is the floor before anything was measured, and never below it", () => {
    const latency = new Latency();
    expect(latency.at(0)).toBe(5);
    expect(latency.measured).toBeUndefined();
    latency.succeeded(0.1, 0);
    expect(latency.at(0)).toBe(5);
  });

  test("jumps up at once and comes down by and by", () => {
    const latency = new Latency();
    latency.succeeded(5, 0);
    latency.succeeded(100, 1);
    expect(latency.at(1)).toBe(100);
    latency.succeeded(5, 2);
    expect(latency.at(2)).toBeGreaterThan(80);
    for (let now = 3; now < 60; now += 1) latency.succeeded(5, now);
    expect(latency.at(60)).toBeLessThan(6);
  });

  test("sinks while nothing is sent", () => {
    const latency = new Latency();
    latency.succeeded(100, 0);
    expect(latency.at(2_000)).toBeCloseTo(100 / Math.E);
    expect(latency.at(100_000)).toBe(5);
  });

  test("a fast failure counts as a slow reply", () => {
    const latency = new Latency();
    latency.failed(2, 0);
    expect(latency.at(0)).toBe(1_000);
    latency.failed(3_000, 0);
    expect(latency.at(0)).toBe(3_000);
  });
});
