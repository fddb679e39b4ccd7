// The tables of notifications and of users' contacts.

import type { IndexName } from "../../lib/storage/table.ts";
import { aggregateTable, type TableDefinition } from "../../lib/storage/table-definition.ts";

export const NOTIFICATION_INDEXES = {
  /** A user's notifications, by the time of the event. */
  all: { name: "by_user", hash: "user", range: "created" },
  /** A user's notifications that were not marked as read one by one, by time of arrival; keys only. */
  unread: { name: "by_unread", hash: "unread_user", range: "arrived" },
} as const satisfies Record<string, IndexName>;

const contacts: TableDefinition = { name: "contacts", key: "user", indexes: [], keyIndexes: [] };

export const tables = [
  aggregateTable("notifications", {
    indexes: [NOTIFICATION_INDEXES.all],
    keyIndexes: [NOTIFICATION_INDEXES.unread],
  }),
  contacts,
];
