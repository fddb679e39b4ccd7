import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { printable } from "../../lib/observability/printable.ts";
import { excerptOf, MAX_EXCERPT_BYTES } from "./excerpt.ts";

describe("an excerpt of a report", () => {
  test("is the whole of a short one", () => {
    expect(excerptOf('{"outcome":"perhaps","amount":"7.00","payer":"张三"}')).toBe(
      '{"outcome":"perhaps","amount":"7.00","payer":"张三"}',
    );
  });

  test("is on one line, with nothing that a terminal acts on or that cannot be seen", () => {
    expect(excerptOf("a\r\nb\u001b[2J\u009b\u202ec\u{e0041}")).toBe(
      "a\\r\\nb\\u001b[2J\\u009b\\u202ec\\udb40\\udc41",
    );
  });

  test.each([
    ['{"api_key":"k-123","amount":7}', '{"api_key":"[left out]","amount":7}'],
    ['{"secret": "a\\"b", "x": 1}', '{"secret": "[left out]", "x": 1}'],
    [
      "out_trade_no=a&sign=c2VjcmV0&app_auth_token=t-1&total=7",
      "out_trade_no=a&sign=[left out]&app_auth_token=[left out]&total=7",
    ],
    ['{"Password":"p', '{"Password":"[left out]"'],
  ])("of %s does not contain the credentials", (text, excerpt) => {
    expect(excerptOf(text).replaceAll('"[left out]"', "[left out]")).toBe(
      excerpt.replaceAll('"[left out]"', "[left out]"),
    );
  });

  test("has at most 2 KB, whatever it is of, and says how long the whole is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 3_000 }), (part, times) => {
        const text = part.repeat(times).slice(0, 100_000);
        const excerpt = excerptOf(text);
        const note = `… (of ${text.length} characters)`;
        const kept = excerpt.endsWith(note) ? excerpt.slice(0, -note.length) : excerpt;
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(MAX_EXCERPT_BYTES);
        expect(printable(excerpt)).toBe(excerpt);
        if (text.length > MAX_EXCERPT_BYTES) expect(excerpt.endsWith(note)).toBe(true);
      }),
    );
    expect(excerptOf("茶".repeat(5_000))).toBe(`${"茶".repeat(682)}… (of 5000 characters)`);
  });
});
