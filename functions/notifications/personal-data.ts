// Which data of people NotificationService holds, and what becomes of them when a person is erased: all of it goes. Of a
// notification its id stays for a while, so that a repeated event does not create it again.

import { iso } from "../../lib/core/iso.ts";
import { deleted, type Fields, nobodys, removed, userId } from "../../lib/privacy/fields.ts";
import {
  deletedAggregates,
  deletedRecords,
  keptRecords,
  type OpenPersonalData,
  type PersonalAccess,
  type PersonalRecords,
} from "../../lib/privacy/records.ts";
import type { Contact } from "./contacts.ts";
import type { ConnectionRecord } from "./live/connection-records.ts";
import { type FeedPart, feedStore, type InUse, isFeedMark, isFeedPart } from "./live/feed.ts";
import type { Notification } from "./notification.ts";
import { notificationStore } from "./notification-store.ts";
import { arePlaces, placesId } from "./places.ts";
import type { Subscription } from "./push/subscription.ts";
import { IN_USE_ID } from "./push/subscription-records.ts";
import { isReader, readerStore, type StoredReader } from "./readers.ts";
import { webhookData } from "./webhooks/personal-data.ts";

const USER = ["user"];
const gone = deleted(USER);

const notification: Fields<Notification> = {
  id: nobodys,
  user_id: userId("user"),
  type: nobodys,
  event: nobodys,
  body: removed(USER, { kind: "text", title: "", content: "" }),
  related_id: removed(USER, null),
  channels: removed(USER, {}),
  read_at: removed(USER, null),
  created_at: nobodys,
  arrived_at: nobodys,
  deleted_at: nobodys,
  fingerprint: removed(USER, ""),
  outbox: removed(USER, []),
};

const reader: Fields<StoredReader> = { user_id: gone, read_until: gone, locale: gone, events: gone };

const feed: Fields<FeedPart> = {
  part: nobodys,
  user_id: gone,
  chunk: gone,
  opened_at: gone,
  closed_at: gone,
  entries: gone,
};

const contact: Fields<Contact & { readonly user: string; readonly updated_at: string }> = {
  user: gone,
  email: gone,
  sells: gone,
  locale: gone,
  updated_at: gone,
};

const connection: Fields<ConnectionRecord> = {
  id: gone,
  user_id: gone,
  endpoint: nobodys,
  instance: nobodys,
  locale: gone,
  opened_on: gone,
  expires_on: gone,
};

const subscription: Fields<Subscription> = {
  id: gone,
  user_id: gone,
  endpoint: gone,
  p256dh: gone,
  auth: gone,
  vapid_key: nobodys,
  locale: gone,
  created_at: gone,
  expires_on: gone,
};

export const personalData: OpenPersonalData = (access) => {
  const { table } = access;
  const feeds = feedStore(table("notifications"));
  const readers = readerStore(table("notifications"));
  return [
    keptRecords<Notification>({
      table: "notifications",
      name: "notifications",
      purpose: "what the person is told",
      keeps:
        "for NOTIFICATION_DAYS; one that the person deletes for 90 days more, so that it does not come again",
      store: notificationStore(table("notifications")),
      fields: notification,
      attributes: ["user", "created", "unread_user", "arrived"],
      has: (key) => !isReader(key) && !isFeedPart(key),
      partsOf: ({ user_id }, { id }) => (user_id === id ? USER : []),
      dealOf: ({ id }) => id,
      after: (state, now) => ({ ...state, deleted_at: state.deleted_at ?? iso(now) }),
    }),
    deletedAggregates<StoredReader>(access, {
      table: "notifications",
      name: "preferences, and up to when all is read",
      purpose: "how the person wants to be told",
      keeps: "until the person is erased",
      read: (key) => readers.read(key),
      fields: reader,
      has: isReader,
      isOf: ({ user_id }, { id }) => user_id === id,
    }),
    deletedAggregates<FeedPart>(access, {
      table: "notifications",
      name: "feeds of live notifications",
      purpose: "in which order a page gets notifications, each once",
      keeps: "for NOTIFICATION_DAYS after the last of 50; the newest until the person is erased",
      async read(key) {
        const stored = await feeds.read(key);
        return stored?.part === "in_use" ? undefined : stored;
      },
      fields: feed,
      has: (key) => isFeedPart(key) && !isFeedMark(key),
      isOf: ({ user_id }, { id }) => user_id === id,
    }),
    deletedRecords(access, {
      table: "contacts",
      name: "contacts",
      purpose: "where mail goes, and in which language",
      keeps: "until the person is erased; the last address counts",
      fields: contact,
      userAttribute: "user",
    }),
    deletedRecords(access, {
      table: "connections",
      name: "live connections",
      purpose: "which process holds a page's connection",
      keeps: "until it is closed, two hours at most",
      fields: connection,
      userAttribute: "user_id",
      has: (key) => !arePlaces(key),
    }),
    deletedRecords(access, {
      table: "connections",
      name: "lists of live connections",
      purpose: "so that the number of a user's connections is bounded",
      keeps: "for a day after the last one was opened",
      fields: { id: gone, connection_ids: gone, expires_on: gone },
      isOf: ({ id }, person) => id === placesId(person.id),
      has: arePlaces,
    }),
    deletedRecords(access, {
      table: "subscriptions",
      name: "Web Push subscriptions",
      purpose: "where a browser gets notifications",
      keeps: "until the person removes it, or its push service does not know it any more",
      fields: subscription,
      userAttribute: "user_id",
      has: (key) => key !== IN_USE_ID && !arePlaces(key),
    }),
    deletedRecords(access, {
      table: "subscriptions",
      name: "lists of Web Push subscriptions",
      purpose: "so that the number of a user's browsers is bounded",
      keeps: "until the person is erased",
      fields: { id: gone, subscription_ids: gone },
      isOf: ({ id }, person) => id === placesId(person.id),
      has: arePlaces,
    }),
    ...webhookData(access),
    ...marks(access),
  ];
};

/** Records that say that a part of the system is in use: nobody's. */
function marks({ table, record }: PersonalAccess): readonly PersonalRecords[] {
  const feeds = feedStore(table("notifications"));
  const inUse: Fields<InUse> = { part: nobodys, created_at: nobodys };
  const none = { attributes: [], byReference: false, find: async () => undefined, erase: async () => true };
  return [
    {
      ...none,
      table: "notifications",
      name: "mark: feeds are in use",
      purpose: "spares reads while nobody has one",
      keeps: "for good",
      fields: inUse,
      has: isFeedMark,
      read: (key) => feeds.read(key),
    },
    {
      ...none,
      table: "subscriptions",
      name: "mark: subscriptions are in use",
      purpose: "spares reads while nobody has one",
      keeps: "for good",
      fields: { id: nobodys, created_at: nobodys },
      has: (key) => key === IN_USE_ID,
      read: (key) => record("subscriptions", key),
    },
  ];
}
