import { describe, expect, test } from "@jest/globals";
import { printable, printableLines, printableStack } from "./printable.ts";

describe("text that is", () => {
  test.each([
    ["plain", "Zahlung für 张三 über 3 €, שלום, 👩‍👧"],
    ["empty", ""],
    ["already escaped", "\\u001b[31m"],
  ])("%s stays as it is", (_, text) => {
    expect(printable(text)).toBe(text);
  });

  test.each([
    ["a terminal's command", "\u001b[2J", "\\u001b[2J"],
    ["a window's title", "\u001b]0;x\u0007", "\\u001b]0;x\\u0007"],
    ["a command in eight bits", "\u009b2J", "\\u009b2J"],
    ["a new line", "a\nb\r\nc\td", "a\\nb\\r\\nc\\td"],
    ["DEL", "a\u007fb", "a\\u007fb"],
    ["another line's end", "a\u0085b\u2028c\u2029d", "a\\u0085b\\u2028c\\u2029d"],
    ["a turned direction", "a\u202eb\u2066c\u2069\u061c\u200f", "a\\u202eb\\u2066c\\u2069\\u061c\\u200f"],
    ["an invisible tag", "a\u{e0041}", "a\\udb40\\udc41"],
    ["half a pair", "a\ud83d", "a\\ud83d"],
    ["NUL", "a\u0000", "a\\u0000"],
  ])("%s is shown by its code", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });
});

test("JSON means the same as before", () => {
  const value = { "\u009b\u202e": "\u001b\n\u2028\u{e0041}张" };
  const line = printable(JSON.stringify(value));
  expect(JSON.parse(line)).toEqual(value);
  expect(line).toMatch(/^[\x20-\x7e张]+$/);
});

test("lines stay lines", () => {
  expect(printableLines("a\u001b\nb\r\n")).toBe("a\\u001b\nb\\r\n");
});

test("of a stack only frames are on lines of their own", () => {
  const stack = "Error: a\n12:00:00.000 INFO  OrderService paid\n    at f (x.ts:1)\n    at g (y.ts:2)";
  expect(printableStack(stack)).toBe(
    "Error: a\\n12:00:00.000 INFO  OrderService paid\n    at f (x.ts:1)\n    at g (y.ts:2)",
  );
});
