import { describe, expect, test } from "@jest/globals";
import { LOCALES, type Locale } from "../../../lib/core/locales.ts";
import { EVENTS, ROLES } from "../../events.ts";
import { messageOf, type NotificationType, notificationOf } from "../notification.ts";
import { notificationToView } from "../notification-view.ts";
import { textsFor } from "../texts/event-texts.ts";
import { mailOf } from "./mail-content.ts";

const ORDER = "0192f5b0-0000-7000-8000-000000000001";
const PAYMENT = "0192f5b0-0000-7000-8000-000000000002";
const UNSUBSCRIBE = "https://shop.example/api/notifications/unsubscribe/?token=a&b";
const NOW = Date.parse("2026-11-01T12:00:00.000Z");
const options = { timeZone: "UTC", unsubscribeUrl: undefined };
const all = LOCALES.flatMap((locale) =>
  EVENTS.flatMap((event) => ROLES.map((role) => ({ locale, event, role }))),
);

const readerOf = (locale: Locale) => ({ chosen: locale, fallback: locale });

function eventFor(event: (typeof EVENTS)[number], role: (typeof ROLES)[number]) {
  const ofPayment = event.startsWith("payment.");
  const data = {
    ...(ofPayment ? { order_id: ORDER, amount: "50.00" } : { total_amount: "299.99" }),
    currency: "CNY",
    reason: "expired",
  };
  const related_id = ofPayment ? PAYMENT : ORDER;
  const occurred_at = "2026-11-01T11:59:00.000Z";
  const given = { event_id: "1", event, occurred_at, related_id, data, parties: [] };
  return notificationOf(given, { user_id: "ann", role }, undefined, NOW);
}

const message = (title: string, content: string, type: NotificationType = "system") =>
  messageOf(
    { id: "m", user_id: "ann", type, title, content, related_id: null, fingerprint: "", shown: true },
    undefined,
    NOW,
  );

/** What a reader sees of HTML: its texts, without tags, styles and entities. */
const seen = (html: string): string =>
  html
    .replace(/<(style|title)>.*?<\/\1>/gs, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&(amp|lt|gt|quot|#39);/g, " ");

describe.each(all)("$event for the $role in $locale", ({ locale, event, role }) => {
  const notification = eventFor(event, role);
  const mail = mailOf(notification, readerOf(locale), options);
  const { title, content } = textsFor(event, role, dataOf(notification), locale);

  test("says the same in the application, in the text and in the HTML of its mail", () => {
    expect(notificationToView(notification, undefined, readerOf(locale))).toMatchObject({
      title,
      content,
      locale,
    });
    expect(mail.subject).toBe(title);
    for (const part of [mail.text, mail.html]) {
      expect(part).toContain(title);
      expect(part).toContain(content);
      expect(part).toContain(ORDER);
      expect(part.includes(PAYMENT)).toBe(event.startsWith("payment."));
      expect(part).toContain(locale === "en" ? "Nov 1, 2026, 11:59 UTC" : "2026年11月1日 UTC 11:59");
    }
  });

  test("has no word of another language, no placeholder and no missing part", () => {
    for (const part of [mail.subject, mail.text, seen(mail.html)]) {
      expect(part).not.toMatch(/undefined|null|NaN|\[object|\{|\}|\$/);
      // Names: the system's, UTC, and ids.
      const words = part.replace(/CFMP-Order|UTC|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "");
      expect(words).not.toMatch(locale === "en" ? /\p{Script=Han}/u : /[A-Za-z]/);
    }
  });

  test("states its language and direction, and loads nothing", () => {
    expect(mail.language).toBe(locale);
    expect(mail.html).toContain(`<html lang="${locale}" dir="ltr">`);
    expect(mail.html).not.toMatch(
      /\b(src|srcset|background)=|url\(|@import|<(script|img|link|iframe|object|form)\b|https?:/i,
    );
    expect(mail).not.toHaveProperty("unsubscribeUrl");
  });
});

function dataOf({ body }: ReturnType<typeof eventFor>): Readonly<Record<string, string>> {
  return body.kind === "event" ? body.data : {};
}

describe.each(LOCALES)("A message in a mail to a reader of %s", (locale) => {
  test("is shown as it was written, and is no markup", () => {
    const evil = `</p><script>alert(1)</script><a href="https://evil.example" onclick='x'>&amp;`;
    const { text, html } = mailOf(message(evil, `${evil}\nsecond line`), readerOf(locale), options);
    expect(text).toContain(`${evil}\nsecond line`);
    expect(html).not.toMatch(/<(script|a)\b/);
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain("&amp;amp;<br>\nsecond line");
  });

  test("has an unknown language and its own direction", () => {
    const { html } = mailOf(message("مرحبا", "שלום"), readerOf(locale), options);
    expect(html.match(/ lang="" dir="auto"/g)).toHaveLength(2);
  });

  test("has no characters that reorder what is around it", () => {
    const { html } = mailOf(message("pay\u202e001", "x\u2066y"), readerOf(locale), options);
    expect(html).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  });

  test("that is promotion has a link to unsubscribe in both parts, and says why it came", () => {
    const given = { timeZone: "UTC", unsubscribeUrl: UNSUBSCRIBE };
    const mail = mailOf(message("Sale", "50%", "promotion"), readerOf(locale), given);
    expect(mail.unsubscribeUrl).toBe(UNSUBSCRIBE);
    expect(mail.text).toContain(UNSUBSCRIBE);
    expect(mail.html).toContain(`href="${UNSUBSCRIBE.replace("&", "&amp;")}"`);
    const other = mailOf(message("Sale", "50%"), readerOf(locale), options);
    expect(other.text).not.toContain(mail.text.split("-- \n")[1]?.split("\n")[0]);
  });
});
