import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { timeLimit } from "./time-limit.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test("a time limit that passes aborts with a TimeoutError", () => {
  const { signal } = timeLimit(500);
  jest.advanceTimersByTime(499);
  expect(signal.aborted).toBe(false);
  jest.advanceTimersByTime(1);
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});

test("one that is taken away leaves nothing behind", () => {
  const { signal, clear } = timeLimit(500);
  clear();
  expect(jest.getTimerCount()).toBe(0);
  jest.advanceTimersByTime(1_000);
  expect(signal.aborted).toBe(false);
});
