// Where notifications are kept, and the addresses of the people who get them.

import type { IndexName } from "../../lib/storage/table.ts";
import { aggregateTable, type TableDefinition } from "../../lib/storage/table-definition.ts";

export const NOTIFICATION_INDEXES = {
  /** A user's, by the time of what happened. */
  all: { name: "by_user", hash: "user", range: "created" },
  /** A user's that were not read one by one, by arrival; keys only. */
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
