import { describe, expect, test } from "@jest/globals";
import { formatMoney, formatTime } from "./format.ts";

describe("An amount", () => {
  test.each([
    ["299.99", "CNY", "CN¥299.99", "¥299.99"],
    ["1000000000.00", "CNY", "CN¥1,000,000,000.00", "¥1,000,000,000.00"],
    ["0.01", "USD", "$0.01", "US$0.01"],
    // Two decimals in every currency, since that is what was charged.
    ["1500.50", "JPY", "¥1,500.50", "JP¥1,500.50"],
  ])("%s %s is %s in English and %s in Chinese", (amount, currency, english, chinese) => {
    expect(formatMoney(amount, currency, "en")).toBe(english);
    expect(formatMoney(amount, currency, "zh-CN")).toBe(chinese);
  });

  test.each([
    ["299.99", undefined, "299.99"],
    ["299.99", "no currency", "299.99 no currency"],
    ["much", "CNY", "much CNY"],
  ])("%s %s that can't be formatted is shown as it is", (amount, currency, shown) => {
    expect(formatMoney(amount, currency, "en")).toBe(shown);
  });
});

test.each([
  ["UTC", "Nov 1, 2026, 12:00 UTC", "2026年11月1日 UTC 12:00"],
  ["Asia/Shanghai", "Nov 1, 2026, 20:00 GMT+8", "2026年11月1日 GMT+8 20:00"],
])("A time in %s names its zone", (timeZone, english, chinese) => {
  expect(formatTime("2026-11-01T12:00:00.000Z", "en", timeZone)).toBe(english);
  expect(formatTime("2026-11-01T12:00:00.000Z", "zh-CN", timeZone)).toBe(chinese);
});
