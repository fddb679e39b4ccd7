// How a notification is stored: as an item with its index keys.

import { nextDelivery, parkedEvents } from "../../lib/outbox/outbox.ts";
import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { Notification } from "./notification.ts";
import { upcastNotification } from "./notification-upcast.ts";

export type NotificationStore = AggregateStore<Notification>;

/** How long a notification that is deleted, or was never shown, is kept, in milliseconds: repeated events and requests must not create it again. */
const TOMBSTONE_MS = 90 * 24 * 3_600_000;

const codec: Codec<Notification> = {
  schemaVersion: 3,
  id: (notification) => notification.id,
  index({ id, user_id, created_at, arrived_at, read_at, deleted_at, channels }) {
    if (deleted_at !== null || channels.in_app === undefined) return {};
    return {
      user: user_id,
      created: `${created_at}#${id}`,
      ...(read_at === null ? { unread_user: user_id, arrived: `${arrived_at}#${id}` } : {}),
    };
  },
  dueAt: ({ outbox }) => nextDelivery(outbox),
  parked: ({ outbox }) => parkedEvents(outbox).length > 0,
  upcast: upcastNotification,
  expiresOn({ deleted_at, arrived_at, channels }) {
    const hiddenAt = deleted_at ?? (channels.in_app === undefined ? arrived_at : null);
    return hiddenAt === null ? undefined : Math.floor((Date.parse(hiddenAt) + TOMBSTONE_MS) / 1_000);
  },
};

/** Notifications in `table`. */
export const notificationStore = (table: Table): NotificationStore => new AggregateStore(table, codec);
