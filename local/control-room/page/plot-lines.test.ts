import { expect, test } from "@jest/globals";
import { lineLabel, lonePlaces, MOST_LINES, shownLines, timeMarks, valueText } from "./plot-lines.ts";

const line = (name: string, ...values: readonly (number | null)[]) => ({ labels: { from: name }, values });

test("of many lines those with the largest values are shown, in their own order", () => {
  const few = [line("b", 1), line("a", 2)];
  expect(shownLines(few)).toEqual(few);
  const many = Array.from({ length: MOST_LINES + 2 }, (_, index) => line(String(index), null, index));
  expect(shownLines(many)).toEqual(many.slice(2));
});

test("a runtime is called by its process, where that is known", () => {
  const runtimes = [{ id: "105f61b4-e600", pid: 4711 }];
  expect(lineLabel("cpu", { labels: { runtime: "105f61b4-e600" } }, runtimes)).toBe("4711");
  expect(lineLabel("cpu", { labels: { runtime: "99999999-e600" } }, runtimes)).toBe("99999999…");
  expect(lineLabel("calls", { labels: { from: "a", to: "b" } }, runtimes)).toBe("a → b");
  expect(lineLabel("calls", { labels: { from: "client", to: "b" } }, runtimes, "客户端")).toBe("客户端 → b");
  expect(lineLabel("cpu", { labels: {} }, runtimes)).toBe("cpu");
});

test("a value between gaps has a point of its own", () => {
  expect(lonePlaces([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(lonePlaces([null, undefined, 7, null])).toEqual([2]);
  expect(lonePlaces([])).toEqual([]);
});

test("values have their units", () => {
  expect(
    [
      ["bytes", 170_000_000] as const,
      ["ms", 12.34] as const,
      ["cores", 0.256] as const,
      ["1/s", 12.345] as const,
    ].map(([unit, value]) => valueText(unit, value)),
  ).toEqual(["170 MB", "12 ms", "26 %", "12.35"]);
  expect([valueText("ms", null), valueText("ms", undefined)]).toEqual(["–", "–"]);
});

test("marks of the axis say seconds, minutes, or the date", () => {
  const at = (...parts: [number, number, number]) => new Date(2026, 10, 29, ...parts).getTime() / 1_000;
  expect(timeMarks([at(16, 5, 30)], 15)).toEqual(["16:05:30"]);
  expect(timeMarks([at(23, 30, 0), at(24, 0, 0)], 1_800)).toEqual(["23:30", "11-30"]);
});
