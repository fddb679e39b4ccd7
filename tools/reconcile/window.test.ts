import { expect, test } from "@jest/globals";
import { parseTime } from "./window.ts";

const NOW = Date.parse("2026-11-02T12:00:00.000Z");

test.each([
  ["24h", "2026-11-01T12:00:00.000Z"],
  ["90m", "2026-11-02T10:30:00.000Z"],
  ["7d", "2026-10-26T12:00:00.000Z"],
  ["0s", "2026-11-02T12:00:00.000Z"],
  ["2026-11-01", "2026-11-01T00:00:00.000Z"],
  ["2026-11-01T20:00:00+08:00", "2026-11-01T12:00:00.000Z"],
])("%s is a point in time", (text, iso) => {
  expect(new Date(parseTime(text, NOW) ?? 0).toISOString()).toBe(iso);
});

test.each(["", "yesterday", "24", "h", "-1h", "2026-13-01", "1e9s"])("%p is none", (text) => {
  expect(parseTime(text, NOW)).toBeUndefined();
});
