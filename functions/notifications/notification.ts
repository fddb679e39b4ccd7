// The rules of a notification: pure functions from a state and a command to the next state, or a refusal.

import { notFound } from "../../lib/core/domain-error.ts";
import { iso } from "../../lib/core/iso.ts";
import { derivedId } from "../../lib/http/idempotency.ts";
import { enqueue, type Outbox } from "../../lib/outbox/outbox.ts";
import type { Party, Role } from "../events.ts";
import type { PartyEvent } from "./contract.ts";
import { textsFor } from "./notification-texts.ts";

export type NotificationType = "transaction" | "system" | "promotion";

/** A mail that is to go out: to an address, or to that of the contact that the user has in this role by then. */
export type Delivery = { readonly channel: "email" } & (
  | { readonly to: string }
  | { readonly to: null; readonly role: Role }
);

/** How a mail stands. `unreachable`: there is no address, or it was given up. */
export type MailStatus = "pending" | "sent" | "unreachable";

export interface Notification {
  readonly id: string;
  readonly user_id: string;
  readonly type: NotificationType;
  /** `order.paid` and so on, or `message` for what a person sent. */
  readonly event: string;
  readonly title: string;
  readonly content: string;
  readonly related_id: string | null;
  /** What has become of it in each channel; what is still to be delivered is in the outbox. */
  readonly channels: { readonly in_app: "delivered"; readonly email?: Exclude<MailStatus, "pending"> };
  readonly read_at: string | null;
  /** When it happened: the order of lists. */
  readonly created_at: string;
  /** When it was recorded here: "all that exist now are read" is about this, since events may come late. */
  readonly arrived_at: string;
  /** Set on a tombstone: hidden, but still there so that an event that is delivered again does not bring it back. */
  readonly deleted_at: string | null;
  /** Fingerprint of the body that created it; empty for events. */
  readonly fingerprint: string;
  readonly outbox: Outbox<Delivery>;
}

/** What a person sends. */
export interface Message {
  readonly id: string;
  readonly user_id: string;
  readonly type: NotificationType;
  readonly title: string;
  readonly content: string;
  readonly related_id: string | null;
  readonly fingerprint: string;
}

/** The notification of `event` for one party. Its id is derived from both, so each party has one, however often it comes. */
export function notificationOf(
  event: PartyEvent,
  party: Pick<Party, "user_id" | "role">,
  mail: Delivery | undefined,
  now: number,
): Notification {
  return {
    id: derivedId("notification", event.event_id, party.user_id),
    user_id: party.user_id,
    type: "transaction",
    event: event.event,
    ...textsFor(event.event, party.role, event.data),
    related_id: event.related_id,
    channels: { in_app: "delivered" },
    read_at: null,
    // Written in one form, because lists sort it as text.
    created_at: iso(Date.parse(event.occurred_at)),
    arrived_at: iso(now),
    deleted_at: null,
    fingerprint: "",
    outbox: outboxWith(mail, now),
  };
}

/** The notification of a message. `mail` is `unreachable` when one was asked for and there is no address. */
export function messageOf(
  message: Message,
  mail: Delivery | "unreachable" | undefined,
  now: number,
): Notification {
  const unreachable = mail === "unreachable";
  return {
    ...message,
    event: "message",
    channels: { in_app: "delivered", ...(unreachable ? { email: "unreachable" } : {}) },
    read_at: null,
    created_at: iso(now),
    arrived_at: iso(now),
    deleted_at: null,
    outbox: outboxWith(unreachable ? undefined : mail, now),
  };
}

/** The id of a notification's mail in its outbox: it has one at most. */
export const MAIL_ID = "email";

const outboxWith = (mail: Delivery | undefined, now: number): Outbox<Delivery> =>
  mail === undefined ? [] : enqueue([], MAIL_ID, mail, now);

/** Records that a mail server has taken the mail; the same notification when that is recorded. */
export function mailSent(notification: Notification): Notification {
  const { channels } = notification;
  return channels.email === "sent"
    ? notification
    : { ...notification, channels: { ...channels, email: "sent" } };
}

/** How the mail stands; undefined when there is none. */
export function mailStatus({ channels, outbox }: Notification): MailStatus | undefined {
  const [delivery] = outbox;
  if (delivery === undefined) return channels.email;
  return delivery.parked_at === undefined ? "pending" : "unreachable";
}

/** Marks it as read; the time of the first reading stays. */
export function readNotification(notification: Notification, now: number): Notification {
  return notification.read_at === null ? { ...notification, read_at: iso(now) } : notification;
}

/** Hides it for good. A mail that is on its way still goes out. */
export function deleteNotification(notification: Notification, now: number): Notification {
  return { ...notification, deleted_at: iso(now) };
}

/** True once it was read by itself, or existed when its user marked everything as read. */
export function isRead(notification: Notification, readUntil: string | undefined): boolean {
  return notification.read_at !== null || (readUntil !== undefined && notification.arrived_at <= readUntil);
}

/** The notification itself, for its user. @throws {DomainError} not found for everybody else and once it is deleted. */
export function visibleTo(notification: Notification | undefined, userId: string): Notification {
  if (!notification || notification.deleted_at !== null || notification.user_id !== userId) {
    throw notFound("notification");
  }
  return notification;
}
