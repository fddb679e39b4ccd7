import { describe, expect, test } from "@jest/globals";
import { LOCALES } from "../../../lib/core/locales.ts";
import { CANCEL_CAUSES, EVENTS, REFUND_CAUSES, ROLES } from "../../events.ts";
import { type EventData, eventData, textsFor } from "./event-texts.ts";

const CAUSES = [...CANCEL_CAUSES, ...REFUND_CAUSES];
const all = LOCALES.flatMap((locale) =>
  EVENTS.flatMap((event) => ROLES.map((role) => ({ locale, event, role }))),
);

/** A whole sentence in each language. */
const SENTENCE = { en: /^[A-Z¥][^{}$]*[^ ]\.$/, "zh-CN": /^[^A-Za-z{}$ .,:!?()]+。$/ };
const TITLE = { en: /^[A-Z][a-z]+ [a-z]+$/, "zh-CN": /^\p{Script=Han}+$/u };

describe.each(all)("The text of $event for the $role in $locale", ({ locale, event, role }) => {
  const texts = (data: EventData) => textsFor(event, role, data, locale);

  test("is whole, and in that language alone, whatever is known of the event", () => {
    const known: EventData[] = [
      {},
      { total_amount: "1299.99", currency: "CNY" },
      { amount: "50.00", currency: "CNY" },
      ...CAUSES.map((reason) => ({ total_amount: "1299.99", amount: "50.00", currency: "CNY", reason })),
    ];
    for (const data of known) {
      const { title, content } = texts(data);
      expect(title).toMatch(TITLE[locale]);
      expect(content.replace(/(CN)?¥[\d,]+\.\d\d/, "¥")).toMatch(SENTENCE[locale]);
      expect(content).not.toMatch(/undefined|null|\[object| {2}/);
    }
  });

  test("names the amount with its currency, as the language writes it", () => {
    const { content } = texts({ total_amount: "1299.99", currency: "CNY" });
    expect(content).toContain(locale === "en" ? "CN¥1,299.99" : "¥1,299.99");
  });

  test.each(["your account is suspended, see https://evil.example", "Expired", "expired. Call 555", " "])(
    "never has what somebody wrote: %j",
    (reason) => {
      const data = { total_amount: "1.00", currency: "CNY", customer_name: reason, remark: reason };
      expect(texts({ ...data, reason })).toEqual(texts(data));
      expect(JSON.stringify(texts({ ...data, reason }))).not.toContain("evil");
    },
  );
});

describe("A refund's text", () => {
  const data = { total_amount: "299.99", currency: "CNY", amount: "50.00", reason: "it was paid twice" };

  test("names the refunded amount, not the total, and the cause", () => {
    expect(textsFor("payment.refunded", "buyer", data, "en").content).toBe(
      "CN¥50.00 was refunded to you: it was paid twice.",
    );
    expect(textsFor("payment.refunded", "buyer", data, "zh-CN").content).toBe(
      "您的付款已退还（¥50.00），原因：重复付款。",
    );
  });

  test("gives a cause that an earlier version worded differently in the words of this one", () => {
    const reason = "it came after the attempt was failed";
    expect(textsFor("payment.refunded", "buyer", { ...data, reason }, "en").content).toBe(
      "CN¥50.00 was refunded to you: it came after the attempt had failed.",
    );
  });
});

test("A failed attempt's text names its amount", () => {
  expect(textsFor("payment.failed", "buyer", { amount: "299.99", currency: "CNY" }, "en").content).toBe(
    "A payment of CN¥299.99 for your order failed. You may pay again.",
  );
});

test.each(CAUSES)("The cause %j is given in each language, in other words in each", (reason) => {
  const contents = LOCALES.map((locale) => textsFor("order.cancelled", "seller", { reason }, locale).content);
  const without = LOCALES.map((locale) => textsFor("order.cancelled", "seller", {}, locale).content);
  expect(contents).not.toEqual(without);
  expect(new Set(contents).size).toBe(LOCALES.length);
});

describe("The data of an event", () => {
  test("are the values that texts are made from, and no text of a user's", () => {
    const given = { total_amount: "1.00", currency: "CNY", order_id: "o", remark: "hi", reason: "call 555" };
    expect(eventData(given)).toEqual({ total_amount: "1.00", currency: "CNY", order_id: "o" });
  });

  test("keep a cause, in the words of this version", () => {
    expect(eventData({ reason: "it came after the attempt was failed" })).toEqual({
      reason: "it came after the attempt had failed",
    });
  });
});
