import { describe, expect, test } from "@jest/globals";
import { acceptedLocale, localeOf } from "./locale.ts";

describe("The locale of a language tag", () => {
  test.each([
    ["en", "en"],
    ["en-GB", "en"],
    ["EN_us", "en"],
    ["zh", "zh-CN"],
    ["zh-CN", "zh-CN"],
    ["zh-Hans-SG", "zh-CN"],
    ["zh_TW", "zh-CN"],
  ])("%s is %s", (tag, locale) => {
    expect(localeOf(tag)).toBe(locale);
  });

  test.each([
    ["de"],
    ["zhuang"],
    ["english"],
    [""],
    ["en US"],
    ["en\r\nX: y"],
    [7],
    [null],
    [undefined],
    [["en"]],
  ])("%j is none", (tag) => {
    expect(localeOf(tag)).toBeUndefined();
  });
});

describe("The locale of an Accept-Language header", () => {
  test.each([
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"],
    ["de, en;q=0.7, zh;q=0.8", "zh-CN"],
    ["en, zh", "en"],
    ["zh;q=0.5, en;q=0.5", "zh-CN"],
    ["zh;q=0, en;q=0.1", "en"],
    ["fr-CH, *;q=0.5", undefined],
    ["zh;q=9, en;q=0.2", "en"],
    ["zho, en;q=0.5", "zh-CN"],
    ["cmn-Hans-CN", "zh-CN"],
    ["yue, eng;q=0.9", "zh-CN"],
    ["eng", "en"],
    ["zh;q=x", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j is %s", (header, locale) => {
    expect(acceptedLocale(header)).toBe(locale);
  });

  test("is found quickly in a header of any length", () => {
    expect(acceptedLocale(`${"a-".repeat(50_000)},${"x,".repeat(50_000)}`)).toBeUndefined();
  });
});
