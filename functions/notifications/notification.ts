// The rules of a notification: pure functions from a state and a command to the next state, or a refusal.

import { notFound } from "../../lib/core/domain-error.ts";
import { derivedId } from "../../lib/http/idempotency.ts";
import { type NotificationEvent, type Role, textsFor } from "./notification-texts.ts";

export type NotificationType = "transaction" | "system" | "promotion";

/** How a mail stands. While it is `pending` and `to` is null, the user's address is still to be looked up. */
export interface EmailDelivery {
  readonly status: "pending" | "sent" | "unreachable";
  readonly to: string | null;
  /** Tries that failed so far. */
  readonly attempts: number;
  /** RFC 3339 time before which the sweep leaves it alone. */
  readonly next_at: string;
}

export interface Notification {
  readonly id: string;
  readonly user_id: string;
  readonly type: NotificationType;
  /** `order.paid` and so on, or `message` for what a person sent. */
  readonly event: string;
  readonly title: string;
  readonly content: string;
  readonly related_id: string | null;
  readonly channels: { readonly in_app: "delivered"; readonly email?: EmailDelivery };
  readonly read_at: string | null;
  /** When the fact happened: the order of lists. */
  readonly created_at: string;
  /** When it was recorded here: "all that exist now are read" is about this, since word of a fact may come late. */
  readonly arrived_at: string;
  /** Set on a tombstone: hidden, but still there so that an event told again does not bring it back. */
  readonly deleted_at: string | null;
  /** Fingerprint of the body that created it; empty for events. */
  readonly fingerprint: string;
}

/** What a service tells of one fact. */
export interface Fact {
  readonly event_id: string;
  readonly event: NotificationEvent;
  readonly occurred_at: string;
  readonly related_id: string;
  readonly data: Readonly<Record<string, string>>;
}

export interface Party {
  readonly user_id: string;
  readonly role: Role;
}

export interface Message {
  readonly id: string;
  readonly user_id: string;
  readonly type: NotificationType;
  readonly title: string;
  readonly content: string;
  readonly related_id: string | null;
  readonly fingerprint: string;
}

/** How long the sweep leaves a new mail to the relay that is hinted right after the write. */
const HINT_GRACE_MS = 1_000;

/** What `party` is told of `fact`. Its id is derived from both, so each party has one however often it is told. */
export function notificationOf(
  fact: Fact,
  party: Party,
  email: EmailDelivery | undefined,
  now: number,
): Notification {
  return {
    id: derivedId("notification", fact.event_id, party.user_id),
    user_id: party.user_id,
    type: "transaction",
    event: fact.event,
    ...textsFor(fact.event, party.role, fact.data),
    related_id: fact.related_id,
    channels: channelsWith(email),
    read_at: null,
    // Written in one form, because lists sort it as text.
    created_at: iso(Date.parse(fact.occurred_at)),
    arrived_at: iso(now),
    deleted_at: null,
    fingerprint: "",
  };
}

/** What a person sends. */
export function messageOf(message: Message, email: EmailDelivery | undefined, now: number): Notification {
  return {
    ...message,
    event: "message",
    channels: channelsWith(email),
    read_at: null,
    created_at: iso(now),
    arrived_at: iso(now),
    deleted_at: null,
  };
}

/** A mail that is to go out to `to`, or to whatever address is found when that is null. */
export const pendingEmail = (to: string | null, now: number): EmailDelivery => ({
  status: "pending",
  to,
  attempts: 0,
  next_at: iso(now + HINT_GRACE_MS),
});

/** A mail that was asked for and can't be sent: there is no address. */
export const unreachableEmail = (now: number): EmailDelivery => ({
  status: "unreachable",
  to: null,
  attempts: 0,
  next_at: iso(now),
});

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

function channelsWith(email: EmailDelivery | undefined): Notification["channels"] {
  return email === undefined ? { in_app: "delivered" } : { in_app: "delivered", email };
}

const iso = (time: number): string => new Date(time).toISOString();
