// What the mail of a notification says, in its reader's language, as text and as HTML.

import type { Notification } from "../notification.ts";
import { localeFor, type ReaderLocale, textOf } from "../notification-text.ts";
import { LANGUAGES } from "../texts/event-texts.ts";
import { formatTime } from "../texts/format.ts";
import type { Reason } from "../texts/language.ts";
import type { Mail } from "./email.ts";
import { type MailParts, mailHtml } from "./mail-html.ts";

export interface MailOptions {
  /** IANA name; times name it. */
  readonly timeZone: string;
  /** Set for promotion only. */
  readonly unsubscribeUrl: string | undefined;
}

/** The mail of `notification`, but for the address and the Message-ID. */
export function mailOf(
  notification: Notification,
  reader: ReaderLocale,
  { timeZone, unsubscribeUrl }: MailOptions,
): Omit<Mail, "to" | "messageId"> {
  const locale = localeFor(notification, reader);
  const words = LANGUAGES[locale].mail;
  const { title, content } = textOf(notification, reader);
  const parts: MailParts = {
    title,
    content,
    written: notification.body.kind === "text",
    facts: [
      ...subjectOf(notification).map(({ kind, id }) => ({ label: words[kind], value: id })),
      { label: words.time, value: formatTime(notification.created_at, locale, timeZone) },
    ],
    reason: words.reason[reasonOf(notification)],
    unsubscribe: unsubscribeUrl === undefined ? undefined : { label: words.unsubscribe, url: unsubscribeUrl },
  };
  return {
    subject: title,
    text: plainText(parts, locale === "en" ? ": " : "："),
    html: mailHtml(parts, locale),
    language: locale,
    ...(unsubscribeUrl === undefined ? {} : { unsubscribeUrl }),
  };
}

/** The order and payment that an event is about. */
function subjectOf({ body, related_id }: Notification): readonly { kind: "order" | "payment"; id: string }[] {
  if (body.kind !== "event" || related_id === null) return [];
  const { order_id } = body.data;
  if (order_id === undefined) return [{ kind: "order", id: related_id }];
  return [
    { kind: "order", id: order_id },
    { kind: "payment", id: related_id },
  ];
}

function reasonOf({ type, event }: Notification): Reason {
  if (type === "promotion") return "promotion";
  return event === "message" ? "message" : "event";
}

function plainText({ title, content, facts, reason, unsubscribe }: MailParts, colon: string): string {
  const lines = facts.map(({ label, value }) => `${label}${colon}${value}`);
  const links = unsubscribe === undefined ? [] : [`${unsubscribe.label}${colon}${unsubscribe.url}`];
  // "-- " begins a signature (RFC 3676, 4.3).
  return [title, "", content, "", ...lines, "", "-- ", reason, ...links, ""].join("\n");
}
