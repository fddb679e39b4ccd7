import { describe, expect, test } from "@jest/globals";
import { readable, readableJson } from "./text.ts";

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
