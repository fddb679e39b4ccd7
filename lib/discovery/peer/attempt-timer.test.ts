import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { startAttemptTimer } from "./attempt-timer.ts";

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test("ends after its time", () => {
  const over = jest.fn();
  startAttemptTimer({ timeout: 100 }, over);
  jest.advanceTimersByTime(99);
  expect(over).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(over).toHaveBeenCalledWith(100);
});

test("lasts as long as more time is given", () => {
  const over = jest.fn();
  const given = [50, 50, 0];
  startAttemptTimer({ timeout: 100, moreTime: () => given.shift() ?? 0 }, over);
  jest.advanceTimersByTime(199);
  expect(over).not.toHaveBeenCalled();
  jest.advanceTimersByTime(1);
  expect(over).toHaveBeenCalledWith(200);
});

test("is called off, also while it waits on", () => {
  const over = jest.fn();
  const callOff = startAttemptTimer({ timeout: 100, moreTime: () => 50 }, over);
  jest.advanceTimersByTime(120);
  callOff();
  jest.advanceTimersByTime(1_000);
  expect(over).not.toHaveBeenCalled();
});

test("is called off from within `moreTime`", () => {
  const over = jest.fn();
  const moreTime = jest.fn(() => {
    callOff();
    return 50;
  });
  const callOff = startAttemptTimer({ timeout: 100, moreTime }, over);
  jest.advanceTimersByTime(1_000);
  expect([moreTime.mock.calls.length, over.mock.calls.length]).toEqual([1, 0]);
});
