// When what is new goes to the pages: at once after a pause, then together.

import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { History } from "./history.ts";
import { LiveStream, type Published } from "./live.ts";
import { Novelties } from "./novelties.ts";
import { testLine, testSpan } from "./test-spans.ts";

const LINE = testLine(0);

let history: History;
let published: Published["event"][];
let novelties: Novelties;

beforeEach(async () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate", "queueMicrotask", "Date"] });
  history = await History.open(":memory:", { bytes: 20_000_000, ms: 86_400_000 });
  published = [];
  const live = new LiveStream("c-1");
  jest.spyOn(live, "isWanted").mockReturnValue(true);
  jest.spyOn(live, "publish").mockImplementation(({ event }) => void published.push(event));
  novelties = new Novelties(history, live);
});
afterEach(() => {
  novelties.close();
  history.close();
  jest.useRealTimers();
});

/** What is published within `milliseconds`. */
function within(milliseconds: number): readonly Published["event"][] {
  jest.advanceTimersByTime(milliseconds);
  return published.splice(0);
}

test("after a pause what comes is published at once, with what comes beside it", () => {
  novelties.addSpans([testSpan(1, 1)], []);
  novelties.addLines([LINE], [1]);
  novelties.addLines([LINE], [2]);
  expect(within(1)).toEqual(["traces", "logs"]);
});

test("what follows soon waits for more, and what follows later does not", () => {
  novelties.addLines([LINE], [1]);
  expect(within(1)).toEqual(["logs"]);
  novelties.addLines([LINE], [2]);
  expect(within(40)).toEqual([]);
  novelties.addLines([LINE], [3]);
  expect(within(10)).toEqual(["logs"]);
  expect(within(100)).toEqual([]);
  novelties.addLines([LINE], [4]);
  expect(within(1)).toEqual(["logs"]);
});
