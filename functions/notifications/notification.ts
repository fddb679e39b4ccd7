// The rules of a notification: pure functions from a state and a command to the next state, or a refusal.

import { notFound } from "../../lib/core/domain-error.ts";
import { derivedId } from "../../lib/core/ids.ts";
import { iso } from "../../lib/core/iso.ts";
import type { Locale } from "../../lib/core/locales.ts";
import { enqueue, type Outbox } from "../../lib/outbox/outbox.ts";
import type { EventName, Party, Role } from "../events.ts";
import type { PartyEvent } from "./peer-contract.ts";
import { type EventData, eventData } from "./texts/event-texts.ts";

export type NotificationType = "transaction" | "system" | "promotion";

/** A mail to be sent: to an address, or to the address of the user's contact in this role at the time of sending. */
export type PendingMail = { readonly channel: "email" } & (
  | { readonly to: string }
  | { readonly to: null; readonly role: Role }
);

/** A push that is not offered to anybody yet. */
export interface PendingPush {
  readonly channel: "push";
}

/** A push that goes to one browser, because no live connection took it. */
export interface PendingWebPush {
  readonly channel: "web_push";
  /** The id of the browser's subscription. */
  readonly subscription: string;
}

export type Pending = PendingMail | PendingPush | PendingWebPush;

/** The status of a mail. `unreachable`: there is no address, or it was given up. */
export type MailStatus = "pending" | "sent" | "unreachable";

/** The status of a push: `delivered` to a live connection, `sent` to a browser's push service. */
export type PushStatus = "pending" | "delivered" | "sent" | "unreachable";

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
  readonly channels: {
    readonly in_app?: "delivered";
    readonly email?: Exclude<MailStatus, "pending">;
    /** `offered`: no live connection took it, and no push service yet. */
    readonly push?: "offered" | "delivered" | "sent";
  };
  readonly read_at: string | null;
  /** When the event happened; lists are sorted by it. */
  readonly created_at: string;
  /** When it was recorded here. "Read all" compares this time, since events may arrive late. */
  readonly arrived_at: string;
  /** Set on a tombstone: it is hidden, but kept so that a repeated delivery of the event does not create it again. */
  readonly deleted_at: string | null;
  /** Fingerprint of the body that created it; empty for events. */
  readonly fingerprint: string;
  readonly outbox: Outbox<Pending>;
}

/**
 * A message that a user sends; `shown` is false when its user does not want such messages in the application, `pushed` when it is
 * not to go by push.
 */
export interface Message {
  readonly id: string;
  readonly user_id: string;
  readonly type: NotificationType;
  readonly title: string;
  readonly content: string;
  readonly related_id: string | null;
  readonly fingerprint: string;
  readonly shown: boolean;
  readonly pushed?: boolean;
}

/**
 * The notification of `event` for one party; `pushed` when it is to go by push. Its id is derived from both, so each party gets one
 * however often the event is delivered.
 */
export function notificationOf(
  event: PartyEvent,
  party: Pick<Party, "user_id" | "role" | "locale">,
  mail: PendingMail | undefined,
  now: number,
  pushed = false,
): Notification {
  return {
    id: derivedId("notification", event.event_id, party.user_id),
    related_id: event.related_id,
    user_id: party.user_id,
    type: "transaction",
    event: event.event,
    body: factsOf(event, party),
    channels: { in_app: "delivered" },
    read_at: null,
    // In one format, because lists sort it as text.
    created_at: iso(Date.parse(event.occurred_at)),
    arrived_at: iso(now),
    deleted_at: null,
    fingerprint: "",
    outbox: outboxWith(mail, pushed, now),
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
  { title, content, shown, pushed = false, ...message }: Message,
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
    outbox: outboxWith(unreachable ? undefined : mail, pushed, now),
  };
}

/** The id of the mail in a notification's outbox, which holds at most one. */
export const MAIL_ID = "email";

/** The id of a push that is not offered yet. */
const PUSH_ID = "push";

function outboxWith(mail: PendingMail | undefined, pushed: boolean, now: number): Outbox<Pending> {
  const mailed: Outbox<Pending> = mail === undefined ? [] : enqueue<Pending>([], MAIL_ID, mail, now);
  return pushed ? enqueue<Pending>(mailed, PUSH_ID, { channel: "push" }, now) : mailed;
}

/** Records that a mail server has accepted the mail; returns the same notification if that was already recorded. */
export function mailSent(notification: Notification): Notification {
  const { channels } = notification;
  return channels.email === "sent"
    ? notification
    : { ...notification, channels: { ...channels, email: "sent" } };
}

/** Whether its push is not offered to anybody yet. */
export const awaitsPush = ({ outbox }: Notification): boolean =>
  outbox.some(({ payload }) => payload.channel === "push");

/** Records that a live connection took it. */
export const takenLive = (notification: Notification): Notification => withPush(notification, "delivered");

/**
 * Records that no live connection took it, and puts a message for each of these subscriptions into the outbox; returns the same
 * notification if it was offered before.
 */
export function pushedTo(
  notification: Notification,
  subscriptions: readonly string[],
  now: number,
): Notification {
  if (notification.channels.push !== undefined) return notification;
  const outbox = subscriptions.reduce<Outbox<Pending>>(
    (all, subscription) =>
      enqueue<Pending>(all, `web_push:${subscription}`, { channel: "web_push", subscription }, now),
    notification.outbox,
  );
  return { ...withPush(notification, "offered"), outbox };
}

/** Records that a push service has accepted it. */
export const pushAccepted = (notification: Notification): Notification => withPush(notification, "sent");

const withPush = (
  notification: Notification,
  push: NonNullable<Notification["channels"]["push"]>,
): Notification =>
  notification.channels.push === push
    ? notification
    : { ...notification, channels: { ...notification.channels, push } };

/** The status of the push; undefined when it has none. */
export function pushStatus({ channels, outbox }: Notification): PushStatus | undefined {
  const { push } = channels;
  if (push === "delivered" || push === "sent") return push;
  const pushes = outbox.filter(({ payload }) => payload.channel !== "email");
  if (push === undefined && pushes.length === 0) return undefined;
  return pushes.some(({ parked_at }) => parked_at === undefined) ? "pending" : "unreachable";
}

/** The status of the mail; undefined when there is none. */
export function mailStatus({ channels, outbox }: Notification): MailStatus | undefined {
  const pending = outbox.find(({ payload }) => payload.channel === "email");
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
