// How a notification is stored: as an item with its index keys.

import { nextDelivery, parkedEvents } from "../../lib/outbox/outbox.ts";
import { AggregateStore, type Codec } from "../../lib/storage/aggregate-store.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { Notification } from "./notification.ts";
import { upcastNotification } from "./notification-upcast.ts";

export type NotificationStore = AggregateStore<Notification>;

/** How long a notification that is deleted, or was never shown, is kept, in milliseconds: repeated events and requests must not create it again. */
const TOMBSTONE_MS = 90 * 24 * 3_600_000;

const DAY_MS = 24 * 3_600_000;

/** Epoch seconds that are `ms` after `time`. */
const secondsAfter = (time: string, ms: number): number => Math.floor((Date.parse(time) + ms) / 1_000);

const codec = (keepDays: number): Codec<Notification> => ({
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
  expiresOn({ deleted_at, arrived_at, channels, outbox }) {
    const hiddenAt = deleted_at ?? (channels.in_app === undefined ? arrived_at : null);
    if (hiddenAt !== null) return secondsAfter(hiddenAt, TOMBSTONE_MS);
    // What is parked waits for an operator, however old it is.
    return keepDays === 0 || outbox.length > 0 ? undefined : secondsAfter(arrived_at, keepDays * DAY_MS);
  },
});

/** Notifications in `table`, which are kept for `keepDays`; for good with 0. */
export const notificationStore = (table: Table, keepDays = 0): NotificationStore =>
  new AggregateStore(table, codec(keepDays));
