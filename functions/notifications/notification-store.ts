// How a notification is kept: as an item with its places in the indexes.

import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { Notification } from "./notification.ts";
import { mailDueAt } from "./notification-mail.ts";

export type NotificationStore = AggregateStore<Notification>;

/** A deleted notification stays this long, for events and requests that are told again. */
const TOMBSTONE_MS = 90 * 24 * 3_600_000;

const codec: Codec<Notification> = {
  schemaVersion: 1,
  id: (notification) => notification.id,
  index({ id, user_id, created_at, arrived_at, read_at, deleted_at }) {
    if (deleted_at !== null) return {};
    return {
      user: user_id,
      created: `${created_at}#${id}`,
      ...(read_at === null ? { unread_user: user_id, arrived: `${arrived_at}#${id}` } : {}),
    };
  },
  dueAt: mailDueAt,
  expiresOn: ({ deleted_at }) =>
    deleted_at === null ? undefined : Math.floor((Date.parse(deleted_at) + TOMBSTONE_MS) / 1_000),
};

/** Notifications in `table`. */
export const notificationStore = (table: Table): NotificationStore => new AggregateStore(table, codec);
