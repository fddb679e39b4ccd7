import { expect, test } from "@jest/globals";
import { newTrace } from "../trace.ts";
import { samplerOf } from "./sampler.ts";

const LOW = `${"f".repeat(16)}${"3".padEnd(16, "f")}`;
const HIGH = `${"0".repeat(16)}${"4".padEnd(16, "0")}`;
/** What begins here, and what a caller has begun that records it, or does not. */
const decisions = (name: string, arg = "", traceId = LOW) =>
  [undefined, true, false].map((caller) => samplerOf(name, arg)(traceId, caller));

test.each([
  ["", [true, true, false]],
  ["parentbased_always_on", [true, true, false]],
  ["parentbased_always_off", [false, true, false]],
  ["parentbased_traceidratio", [true, true, false]],
  ["always_on", [true, true, true]],
  ["always_off", [false, false, false]],
  ["traceidratio", [true, true, true]],
])("%s without a share", (name, expected) => {
  expect(decisions(name)).toEqual(expected);
});

test("by a share, a trace is recorded by the second half of its id", () => {
  expect(decisions("traceidratio", "0.25", LOW)).toEqual([true, true, true]);
  expect(decisions("traceidratio", "0.25", HIGH)).toEqual([false, false, false]);
  expect(decisions("parentbased_traceidratio", "0.25", HIGH)).toEqual([false, true, false]);
});

test("a share of 0 records nothing, one of 1 everything, and one between about so much", () => {
  const ids = Array.from({ length: 4_000 }, () => newTrace().traceId);
  const recorded = (arg: string) => ids.filter((id) => samplerOf("traceidratio", arg)(id, undefined)).length;
  expect(recorded("0")).toBe(0);
  expect(recorded("1")).toBe(ids.length);
  // 800 on average; nine standard deviations.
  expect(Math.abs(recorded("0.2") - 800)).toBeLessThan(230);
});
