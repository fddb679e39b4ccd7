import { describe, expect, test } from "@jest/globals";
import { LOCALES, localeOf, TEXTS, translator } from "./texts.ts";

const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

describe("texts of the control room", () => {
  test.each(LOCALES)("%s has every key, with the same values in each text", (locale) => {
    expect(Object.keys(TEXTS[locale]).toSorted()).toEqual(Object.keys(TEXTS.en).toSorted());
    const of = (table: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(table).map(([key, text]) => [key, placeholders(text)]));
    expect(of(TEXTS[locale])).toEqual(of(TEXTS.en));
    expect(Object.values(TEXTS[locale]).filter((text) => text.trim() === "")).toEqual([]);
  });

  test("values are put in their places", () => {
    expect(translator("zh")("lines", { count: 3 })).toBe("3 行");
    expect(translator("en")("size", { used: "1 MB", budget: "200 MB" })).toBe("1 MB of 200 MB");
  });

  test("the reader's first language that there is", () => {
    expect(localeOf(["fr", "zh-CN", "en"])).toBe("zh");
    expect(localeOf(["fr"])).toBe("en");
  });
});
