import { describe, expect, test } from "@jest/globals";
import { readable } from "./text.ts";

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
