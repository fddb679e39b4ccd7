import { describe, expect, test } from "@jest/globals";
import { parseIfMatch } from "./if-match.ts";

describe("If-Match", () => {
  test.each([
    ["no header", undefined],
    ["any state", "*"],
    ["any state, with spaces", " * "],
  ])("%s lets everything through", (_, header) => {
    expect(parseIfMatch(header)).toBeUndefined();
  });

  test.each<[string, readonly string[]]>([
    ['"3"', ["3"]],
    ['"0", "1"', ["0", "1"]],
    ['"0","1"', ["0", "1"]],
    ['  "0" ,\t"1"  ', ["0", "1"]],
    [', "1", ,', ["1"]],
    ['"a,b", "c"', ["a,b", "c"]],
    ['""', [""]],
    ['"W/1"', ["W/1"]],
    ['"\u00e4"', ["\u00e4"]],
    // A weak tag fits nothing, since the comparison is a strong one.
    ['W/"1"', []],
    ['W/"1", "2"', ["2"]],
  ])("%s lists %j", (header, tags) => {
    expect(parseIfMatch(header)).toEqual(tags);
  });

  test.each([
    "",
    " ",
    ",",
    "3",
    '"3',
    '3"',
    '"1" "2"',
    '"1" x',
    '"a b"',
    '"1", *',
    '*, "1"',
    'w/"1"',
    'W/ "1"',
    "W/1",
    '"1";"2"',
    "'1'",
    '"\u0000"',
    '"\u4e00"',
  ])("%j is no list of entity tags", (header) => {
    expect(() => parseIfMatch(header)).toThrow(
      expect.objectContaining({ kind: "malformed", code: "if_match_invalid" }),
    );
  });

  test("of half a megabyte is read in no time that matters", () => {
    const many = Array.from({ length: 100_000 }, (_, tag) => `"${tag}"`).join(",");
    expect(parseIfMatch(many)).toHaveLength(100_000);
    expect(() => parseIfMatch(`${" ".repeat(100_000)}x`)).toThrow();
  });
});
