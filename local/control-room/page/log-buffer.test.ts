import { expect, test } from "@jest/globals";
import type { LogLine } from "../telemetry-contract.ts";
import { joined, MOST_LINES, matches, withLines } from "./log-buffer.ts";

const line = (id: number, over: Partial<LogLine> = {}): LogLine => ({
  id,
  at: id,
  service: "OrderService",
  instance: null,
  level: "info",
  message: "order created",
  trace_id: null,
  span_id: null,
  fields: { order_id: "o-1" },
  ...over,
});

test("new lines come first, and a line that is already held is not taken twice", () => {
  const held = withLines([], [line(1), line(2)]);
  expect(withLines(held, [line(2), line(4), line(3)]).map(({ id }) => id)).toEqual([4, 3, 2, 1]);
  expect(withLines(held, [line(1)])).toBe(held);
});

test("of two lists, newest first, each line is there once", () => {
  const ids = (newer: readonly number[], older: readonly number[]) =>
    joined(
      newer.map((id) => line(id)),
      older.map((id) => line(id)),
    ).map(({ id }) => id);
  expect(ids([7, 6, 5, 4], [5, 4, 3])).toEqual([7, 6, 5, 4, 3]);
  expect(ids([7, 6], [])).toEqual([7, 6]);
  expect(ids([], [5])).toEqual([5]);
  expect(ids([4], [5])).toEqual([5]);
});

test("the oldest lines are given up", () => {
  const many = Array.from({ length: MOST_LINES }, (_, index) => line(index + 1));
  const held = withLines(withLines([], many), [line(MOST_LINES + 1)]);
  expect(held).toHaveLength(MOST_LINES);
  expect([held[0]?.id, held.at(-1)?.id]).toEqual([MOST_LINES + 1, 2]);
});

const none = { service: "", level: "", text: "", trace_id: "" };
test.each([
  [{}, true],
  [{ service: "PaymentService" }, false],
  [{ level: "warn" }, false],
  [{ level: "debug" }, true],
  [{ text: "CREATED" }, true],
  [{ text: "o-1" }, true],
  [{ text: "o-2" }, false],
  [{ trace_id: "t" }, false],
])("a line and the filter %p", (filter, expected) => {
  expect(matches(line(1), { ...none, ...filter })).toBe(expected);
});
