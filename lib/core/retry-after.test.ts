import { expect, test } from "@jest/globals";
import { coolDownOf, retryAfter } from "./retry-after.ts";

const now = Date.UTC(2026, 0, 1);
const coolDown = (status: number, headers: Record<string, string>) =>
  coolDownOf({ status, headers }, now, 30_000);

test.each([
  ["seconds", "3", 3_000],
  ["a date", new Date(now + 4_000).toUTCString(), 4_000],
  ["more than is heeded", "86400", 30_000],
  ["no time at all", "0", undefined],
  ["a date that is over", new Date(now - 4_000).toUTCString(), undefined],
  ["a date in the form of RFC 850", "Thursday, 01-Jan-26 00:00:04 GMT", 4_000],
  ["a date in the form of asctime, which is GMT wherever this runs", "Thu Jan  1 00:00:04 2026", 4_000],
  ["nonsense", "soon", undefined],
  ["a number that looks like a year: seconds", "2027", 30_000],
  ["a date in another form", "2026-01-01T00:00:04Z", undefined],
  ["less than nothing", "-1", undefined],
])("503 with %s: %s", (_, text, rest) => {
  expect(coolDown(503, { "retry-after": text })).toBe(rest);
});

test("only a 503 starts one, and not when it is about one request or about live connections only", () => {
  expect(coolDown(429, { "retry-after": "3" })).toBeUndefined();
  expect(coolDown(503, {})).toBeUndefined();
  expect(coolDown(503, { "retry-after": "3", "cfmp-retry-scope": "request" })).toBeUndefined();
  expect(coolDown(503, { "retry-after": "3", "cfmp-retry-scope": "connections" })).toBeUndefined();
});

test("the header alone is heeded whatever the status", () => {
  expect(retryAfter("3", now, 30_000)).toBe(3_000);
  expect(retryAfter(undefined, now, 30_000)).toBeUndefined();
});
