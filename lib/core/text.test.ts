import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { INVISIBLE, isBlank, readable, readableJson } from "./text.ts";

describe("what is shown of a text", () => {
  test.each(["", "张三", "a\tb\r\nc", "🙂", "مرحبا", "\u200f", "\u00a0", "café", "👩‍👩‍👧"])(
    "%j stays",
    (text) => {
      expect(readable(text)).toBe(text);
    },
  );

  test.each([
    ["\u0000", "a control character"],
    ["\u001b", "what begins a terminal's command"],
    ["\u007f", "the last of ASCII"],
    ["\u0085", "a C1 control character"],
    ["\u009b", "what begins a terminal's command, in one character"],
    ["\u202e", "a bidirectional override"],
    ["\u2066", "a bidirectional isolate"],
    ["\ufff9", "a mark of annotation"],
    ["\uffff", "no character"],
    ["\ud83d", "half a character"],
  ])("%j, %s, is replaced", (character) => {
    expect(readable(`a${character}b${character}`)).toBe("a\uFFFDb\uFFFD");
  });
});

describe("JSON that people are shown", () => {
  test.each([
    { text: "a\tb\r\nc 张三 🙂 \u200f", list: [1, true, null, { deep: "x" }], missing: undefined },
    { quoted: '\\u001b "\\b" \\', at: new Date(0) },
    [],
    "text",
    null,
  ])("is the same as ever: %j", (value) => {
    expect(readableJson(value)).toBe(JSON.stringify(value));
  });

  test.each(["\u0000", "\b", "\f", "\u001b", "\u007f", "\u009b", "\u202e", "\u2066", "\ud83d", "\ufffe"])(
    "has %j nowhere, however deep",
    (character) => {
      const shown = readableJson({ name: `a${character}b`, lines: [{ remark: character }], count: 1 });
      expect(JSON.parse(shown)).toEqual({ name: "a\uFFFDb", lines: [{ remark: "\uFFFD" }], count: 1 });
    },
  );
});

describe("a blank text", () => {
  const codePoints = Array.from({ length: 0x110000 }, (_, code) => code).filter(
    (code) => (code & 0x1ff800) !== 0xd800,
  );
  const all = (property: RegExp) =>
    codePoints.map((code) => String.fromCodePoint(code)).filter((character) => property.test(character));
  const unseen = all(/\p{Default_Ignorable_Code_Point}|\p{White_Space}|\p{Zl}|\p{Zp}|\p{Zs}/u);

  test("is one of characters that Unicode says are ignored or space, each alone", () => {
    expect(unseen.length).toBeGreaterThan(4_000);
    expect(unseen.filter((character) => !isBlank(character))).toEqual([]);
  });

  test.each(["\u2800", "\ufffc", "\u{16fe4}", "\u{1d159}", "\u{13430}", "", "\u0000"])(
    "is %j, of which nothing is drawn",
    (text) => {
      expect(isBlank(text)).toBe(true);
    },
  );

  test("is no letter, digit, mark, sign or symbol that Unicode does not ignore, but for the few that are drawn as nothing", () => {
    const drawn = all(/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u).filter(
      (text) => !/\p{Default_Ignorable_Code_Point}/u.test(text),
    );
    const blank = drawn.filter(isBlank).map((text) => text.codePointAt(0)?.toString(16));
    expect(blank).toEqual(["2800", "fffc", "fffd", "16fe4", "1d159"]);
  });

  const some = fc.array(fc.constantFrom(...unseen), { maxLength: 20 }).map((parts) => parts.join(""));
  const seen = fc
    .string({ unit: "binary", minLength: 1, maxLength: 1 })
    .filter(
      (character) => /[\p{L}\p{N}]/u.test(character) && !new RegExp(`[${INVISIBLE}]`, "u").test(character),
    );

  test("is any sequence of such characters; one visible character anywhere makes it a text", () => {
    fc.assert(
      fc.property(some, seen, some, (before, character, after) => {
        expect(isBlank(before + after)).toBe(true);
        expect(isBlank(before + character + after)).toBe(false);
      }),
    );
  });
});
