// The rules of a notification: pure functions from a state and a command to the next state, or a refusal.

import { notFound } from "../../lib/core/domain-error.ts";
import { derivedId } from "../../lib/core/ids.ts";
import { iso } from "../../lib/core/iso.ts";
import type { Locale } from "../../lib/core/locales.ts";
import { enqueue, type Outbox } from "../../lib/outbox/outbox.ts";
import type { EventName, Party, Role } from "../events.ts";
import type { PartyEvent } from "./contract.ts";
import { type EventData, eventData } from "./texts/event-texts.ts";

export type NotificationType = "transaction" | "system" | "promotion";

/** A mail to be sent: to an address, or to the address of the user's contact in this role at the time of sending. */
export type PendingMail = { readonly channel: "email" } & (
  | { readonly to: string }
  | { readonly to: null; readonly role: Role }
);

/** The status of a mail. `unreachable`: there is no address, or it was given up. */
export type MailStatus = "pending" | "sent" | "unreachable";

/** What a notification says. */
export type Body = WrittenText | EventFacts;

/** A text as it was written: a user's message, or an event that an earlier version recorded. */
export interface WrittenText {
  readonly kind: "text";
  readonly title: string;
  readonly content: string;
}

/** What is known of an event. Its text is made when it is shown or sent, in the reader's language; see notification-text.ts. */
export interface EventFacts {
  readonly kind: "event";
  readonly event: EventName;
  readonly role: Role;
  readonly data: EventData;
  /** The language in which the order was placed, if the reader placed it and it is known. */
  readonly locale?: Locale;
}

export interface Notification {
  readonly id: string;
  readonly user_id: string;
  readonly type: NotificationType;
  /** The event (`order.paid`, …), or `message` for one that a user sent. */
  readonly event: string;
  readonly body: Body;
  readonly related_id: string | null;
  /** The outcome in each channel; what is not yet delivered is in the outbox. Without `in_app` it is not listed: its user does not want that. */
  readonly channels: { readonly in_app?: "delivered"; readonly email?: Exclude<MailStatus, "pending"> };
  readonly read_at: string | null;
  /** When the event happened; lists are sorted by it. */
  readonly created_at: string;
  /** When it was recorded here. "Read all" compares this time, since events may arrive late. */
  readonly arrived_at: string;
  /** Set on a tombstone: it is hidden, but kept so that a repeated delivery of the event does not create it again. */
  readonly deleted_at: string | null;
  /** Fingerprint of the body that created it; empty for events. */
  readonly fingerprint: string;
  readonly outbox: Outbox<PendingMail>;
}

/** A message that a user sends; `shown` is false when its user does not want such messages in the application. */
export interface Message {
  readonly id: string;
  readonly user_id: string;
  readonly type: NotificationType;
  readonly title: string;
  readonly content: string;
  readonly related_id: string | null;
  readonly fingerprint: string;
  readonly shown: boolean;
}

/** The notification of `event` for one party. Its id is derived from both, so each party gets one however often the event is delivered. */
export function notificationOf(
  event: PartyEvent,
  party: Pick<Party, "user_id" | "role" | "locale">,
  mail: PendingMail | undefined,
  now: number,
): Notification {
  return {
    id: derivedId("notification", event.event_id, party.user_id),
    user_id: party.user_id,
    type: "transaction",
    event: event.event,
    body: factsOf(event, party),
    related_id: event.related_id,
    channels: { in_app: "delivered" },
    read_at: null,
    // In one format, because lists sort it as text.
    created_at: iso(Date.parse(event.occurred_at)),
    arrived_at: iso(now),
    deleted_at: null,
    fingerprint: "",
    outbox: outboxWith(mail, now),
  };
}

const factsOf = (
  { event, data }: PartyEvent,
  { role, locale }: Pick<Party, "role" | "locale">,
): EventFacts => ({
  kind: "event",
  event,
  role,
  data: eventData(data),
  ...(locale === undefined ? {} : { locale }),
});

/** The notification of a message. Pass `unreachable` as `mail` when a mail was requested and there is no address. */
export function messageOf(
  { title, content, shown, ...message }: Message,
  mail: PendingMail | "unreachable" | undefined,
  now: number,
): Notification {
  const unreachable = mail === "unreachable";
  return {
    ...message,
    event: "message",
    body: { kind: "text", title, content },
    channels: {
      ...(shown ? { in_app: "delivered" } : {}),
      ...(unreachable ? { email: "unreachable" } : {}),
    },
    read_at: null,
    created_at: iso(now),
    arrived_at: iso(now),
    deleted_at: null,
    outbox: outboxWith(unreachable ? undefined : mail, now),
  };
}

/** The id of the mail in a notification's outbox, which holds at most one. */
export const MAIL_ID = "email";

const outboxWith = (mail: PendingMail | undefined, now: number): Outbox<PendingMail> =>
  mail === undefined ? [] : enqueue([], MAIL_ID, mail, now);

/** Records that a mail server has accepted the mail; returns the same notification if that was already recorded. */
export function mailSent(notification: Notification): Notification {
  const { channels } = notification;
  return channels.email === "sent"
    ? notification
    : { ...notification, channels: { ...channels, email: "sent" } };
}

/** The status of the mail; undefined when there is none. */
export function mailStatus({ channels, outbox }: Notification): MailStatus | undefined {
  const [pending] = outbox;
  if (pending === undefined) return channels.email;
  return pending.parked_at === undefined ? "pending" : "unreachable";
}

/** Marks it as read; the time of the first reading is kept. */
export function readNotification(notification: Notification, now: number): Notification {
  return notification.read_at === null ? { ...notification, read_at: iso(now) } : notification;
}

/** Hides it for good. A mail that is in the outbox is still sent. */
export function deleteNotification(notification: Notification, now: number): Notification {
  return { ...notification, deleted_at: iso(now) };
}

/** True when it was marked as read itself, or had been recorded when its user marked everything as read. */
export function isRead(notification: Notification, readUntil: string | undefined): boolean {
  return notification.read_at !== null || (readUntil !== undefined && notification.arrived_at <= readUntil);
}

/** Returns the notification to its user. @throws {DomainError} not found for all other users, and when it is deleted. */
export function visibleTo(notification: Notification | undefined, userId: string): Notification {
  if (!notification || notification.deleted_at !== null || notification.user_id !== userId) {
    throw notFound("notification");
  }
  return notification;
}
