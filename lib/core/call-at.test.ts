import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { callAt, nextSecond } from "./call-at.ts";

describe("calls at a time", () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test("at the same millisecond share a timer, and are made in the order in which they were asked for", () => {
    const made: string[] = [];
    callAt(1_000, () => made.push("first"));
    callAt(999.4, () => made.push("second"), { keepsAlive: false });
    callAt(999.6, () => made.push("third"));
    callAt(2_000, () => made.push("later"));
    expect(jest.getTimerCount()).toBe(2);
    jest.advanceTimersByTime(998);
    expect(made).toEqual([]);
    jest.advanceTimersByTime(2);
    expect(made).toEqual(["first", "second", "third"]);
    jest.advanceTimersByTime(1_000);
    expect(made).toEqual(["first", "second", "third", "later"]);
  });

  test("are not made when they are taken back, also by one that is made just before", () => {
    const made: string[] = [];
    const calls: (() => void)[] = [];
    callAt(1_000, () => {
      made.push("taker");
      calls[0]?.();
    });
    calls.push(callAt(1_000, () => made.push("taken")));
    callAt(500, () => made.push("never"))();
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1_000);
    expect(made).toEqual(["taker"]);
    calls[0]?.();
    callAt(1_000, () => made.push("at a time that has passed"));
    jest.advanceTimersByTime(1);
    expect(made).toEqual(["taker", "at a time that has passed"]);
  });

  test("keep the process alive only where they are meant to", () => {
    const alive = jest.spyOn(globalThis, "setTimeout");
    callAt(1_000, () => {}, { keepsAlive: false });
    const timer: NodeJS.Timeout = alive.mock.results[0]?.value as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    callAt(1_000, () => {});
    expect(timer.hasRef()).toBe(true);
    alive.mockRestore();
  });
});

test("the next second is the one after a timer that is a little early", () => {
  expect([33_004, 32_999.5, 33_500, 0].map(nextSecond)).toEqual([34_000, 34_000, 34_000, 1_000]);
});
