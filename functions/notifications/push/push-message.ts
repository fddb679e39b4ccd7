// What a browser's service worker gets: the notification in its reader's language, as JSON that fits into one push message.

import type { Notification, NotificationType } from "../notification.ts";
import { type ReaderLocale, textOf } from "../notification-text.ts";
import type { PushTerms } from "./push-ports.ts";

/**
 * Bytes of a message: push services take 4,096 (RFC 8030, 7.2), of which the encryption needs 103 (RFC 8291, 4).
 */
export const MESSAGE_BYTES = 3_993;

/** For how long a push is worth showing, in milliseconds. It is not sent later, nor kept longer by a push service. */
export const PUSH_FOR_MS = 24 * 3_600_000;

const SHORTEST_TTL_S = 60;

const URGENCY: Readonly<Record<NotificationType, PushTerms["urgency"]>> = {
  transaction: "high",
  system: "normal",
  promotion: "low",
};

/** The message; a content that does not fit is shortened, and ends in `…`. */
export function pushMessage(notification: Notification, reader: ReaderLocale): string {
  const { id, type, event, related_id, created_at } = notification;
  const { title, content, locale } = textOf(notification, reader);
  const withContent = (text: string): string =>
    JSON.stringify({ id, type, event, title, content: text, locale, related_id, created_at });
  const whole = withContent(content);
  return fits(whole) ? whole : withContent(longestFitting(content, (text) => fits(withContent(text))));
}

const fits = (message: string): boolean => Buffer.byteLength(message) <= MESSAGE_BYTES;

/** The longest beginning of `text`, in whole characters, that fits with an ellipsis. */
function longestFitting(text: string, fits: (shortened: string) => boolean): string {
  const characters = [...text];
  const shortened = (length: number): string => `${characters.slice(0, length).join("").trimEnd()}…`;
  let [least, most] = [0, characters.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(shortened(middle))) least = middle;
    else most = middle - 1;
  }
  return shortened(least);
}

/** How push services treat it, at `now`. The topic is the notification's own, so a repeated message replaces the first. */
export const pushTerms = ({ id, type, arrived_at }: Notification, now: number): PushTerms => ({
  ttl: Math.max(SHORTEST_TTL_S, Math.round((Date.parse(arrived_at) + PUSH_FOR_MS - now) / 1_000)),
  urgency: URGENCY[type],
  topic: id.replaceAll("-", ""),
});
