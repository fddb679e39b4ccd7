import { describe, expect, test } from "@jest/globals";
import { openText, sealText } from "./signed-text.ts";

const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

describe("A signed text", () => {
  test.each(["", "ann", "张三 . \n"])("opens to what was sealed: %j", (text) => {
    expect(openText([first], ["list", "a"], sealText([first], ["list", "a"], text))).toBe(text);
  });

  test("is signed by the first key, and opened by any", () => {
    const sealed = sealText([first], ["list"], "ann");
    expect(openText([second, first], ["list"], sealed)).toBe("ann");
    expect(openText([second], ["list"], sealed)).toBeUndefined();
  });

  test.each([["list", "b"], ["lista"], []])("is nothing in another scope: %j", (...scope) => {
    expect(openText([first], scope, sealText([first], ["list", "a"], "ann"))).toBeUndefined();
  });

  test.each(["", ".", "x", "YW5u.", "YW5u.AAAAAAAAAAAAAAAAAAAAAA", "YW5u.é"])("is not %j", (text) => {
    expect(openText([first], ["list"], text)).toBeUndefined();
  });
});
