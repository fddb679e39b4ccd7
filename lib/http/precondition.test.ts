import { describe, expect, test } from "@jest/globals";
import { conditionalReply, preconditionOf } from "./precondition.ts";

const refusal = (kind: string, code: string) => expect.objectContaining({ kind, code });

/** Lists of entity tags with the opaque parts of the strong ones, and of the weak ones. */
const LISTS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['"3"', ["3"], []],
  ['"0", "1"', ["0", "1"], []],
  ['"0","1"', ["0", "1"], []],
  ['  "0" ,\t"1"  ', ["0", "1"], []],
  [', "1", ,', ["1"], []],
  ['"a,b", "c"', ["a,b", "c"], []],
  ['""', [""], []],
  ['"W/1"', ["W/1"], []],
  ['"\u00e4"', ["\u00e4"], []],
  ['W/"1"', [], ["1"]],
  ['W/"1", "2"', ["2"], ["1"]],
];

const NO_LISTS = [
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
];

describe("If-Match", () => {
  test.each([
    ["no header", undefined],
    ["any state", "*"],
    ["any state, with spaces", " * "],
  ])("%s lets everything through", (_, header) => {
    const precondition = preconditionOf({ "if-match": header });
    expect([precondition.wants("1"), precondition.allowsChange("1")]).toEqual([true, true]);
  });

  test.each(LISTS)("%s fits its strong tags, and no weak ones", (header, strong, weak) => {
    const { wants, allowsChange } = preconditionOf({ "if-match": header });
    for (const tag of strong) expect([wants(tag), allowsChange(tag)]).toEqual([true, true]);
    for (const tag of [...weak, "9", "03"]) expect([wants(tag), allowsChange(tag)]).toEqual([false, false]);
  });

  test.each(NO_LISTS)("%j is no list of entity tags", (header) => {
    expect(() => preconditionOf({ "if-match": header })).toThrow(refusal("malformed", "if_match_invalid"));
  });

  test("of half a megabyte is read in no time that matters", () => {
    const many = Array.from({ length: 100_000 }, (_, tag) => `"${tag}"`).join(",");
    expect(preconditionOf({ "if-match": many }).wants("99999")).toBe(true);
    expect(() => preconditionOf({ "if-match": `${" ".repeat(100_000)}x` })).toThrow();
  });
});

describe("If-None-Match", () => {
  test("without it, nobody has anything", () => {
    const { has, allowsChange } = preconditionOf({});
    expect([has("1"), allowsChange("1")]).toEqual([false, true]);
  });

  test.each(["*", " *"])(
    "%j: whatever there is, the reader has it, and no change is based on it",
    (header) => {
      const { has, allowsChange } = preconditionOf({ "if-none-match": header });
      expect([has("1"), allowsChange("1")]).toEqual([true, false]);
    },
  );

  test.each(LISTS)("%s fits all its tags", (header, strong, weak) => {
    const { has, allowsChange } = preconditionOf({ "if-none-match": header });
    for (const tag of [...strong, ...weak]) expect([has(tag), allowsChange(tag)]).toEqual([true, false]);
    expect([has("9"), allowsChange("9")]).toEqual([false, true]);
  });

  test.each(NO_LISTS)("%j is no list of entity tags", (header) => {
    expect(() => preconditionOf({ "if-none-match": header })).toThrow(
      refusal("malformed", "if_none_match_invalid"),
    );
  });
});

describe("a reply to a reader", () => {
  const reply = { status: 200, body: { name: "tea" }, headers: { etag: '"3"' } };

  test.each([{}, { "if-match": '"3"' }, { "if-match": "*" }, { "if-none-match": '"2", "4"' }])(
    "is whole: %j",
    (headers) => {
      expect(conditionalReply(preconditionOf(headers), reply)).toBe(reply);
    },
  );

  test.each(['"3"', 'W/"3"', '"2", "3"', "*"])("who has it already (%s) is a 304 without a body", (tags) => {
    expect(conditionalReply(preconditionOf({ "if-none-match": tags }), reply)).toEqual({
      status: 304,
      body: undefined,
      headers: { etag: '"3"' },
    });
  });

  test.each(['"2"', 'W/"3"'])("who wants another state (%s) is refused", (tags) => {
    const wanted = { "if-match": tags, "if-none-match": '"3"' };
    expect(() => conditionalReply(preconditionOf(wanted), reply)).toThrow(refusal("stale", "revision_stale"));
  });

  test("of something that has no entity tag is whole", () => {
    const untagged = { status: 200, body: {} };
    expect(conditionalReply(preconditionOf({ "if-match": '"3"', "if-none-match": "*" }), untagged)).toBe(
      untagged,
    );
  });
});
