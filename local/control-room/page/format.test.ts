import { expect, test } from "@jest/globals";
import { bytes, clock, dateAndTime, duration, plain, rate, share, whole } from "./format.ts";

test.each([
  [null, "–"],
  [0.25, "0.3 ms"],
  [12.4, "12 ms"],
  [1_240, "1.24 s"],
  [12_400, "12.4 s"],
  [125_000, "2 min"],
  [5_400_000, "1.5 h"],
])("a duration of %p ms is %p", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test("rates, sizes, shares and counts", () => {
  expect([rate(3.14), rate(312.4)]).toEqual(["3.1", "312"]);
  expect([bytes(null), bytes(1_500), bytes(123_400_000)]).toEqual(["–", "2 kB", "123 MB"]);
  expect([share(null), share(0.256), whole(null), whole(0)]).toEqual(["–", "26 %", "–", "0"]);
});

test("times are local", () => {
  const at = new Date(2026, 10, 29, 9, 5, 3, 42).getTime();
  expect(clock(at)).toBe("09:05:03.042");
  expect(dateAndTime(at)).toBe("2026-11-29 09:05:03");
});

test("values as text", () => {
  expect([plain("a"), plain(1), plain({ a: [1] }), plain(undefined)]).toEqual([
    "a",
    "1",
    '{"a":[1]}',
    "undefined",
  ]);
});
