// The tables of notifications, of users' contacts, of their live connections, of their browsers' push subscriptions and of webhooks.

import type { IndexName } from "../../lib/storage/table.ts";
import { aggregateTable, type TableDefinition } from "../../lib/storage/table-definition.ts";

export const NOTIFICATION_INDEXES = {
  /** A user's notifications, by the time of the event. */
  all: { name: "by_user", hash: "user", range: "created" },
  /** A user's notifications that were not marked as read one by one, by time of arrival; keys only. */
  unread: { name: "by_unread", hash: "unread_user", range: "arrived" },
} as const satisfies Record<string, IndexName>;

const contacts: TableDefinition = { name: "contacts", key: "user", indexes: [], keyIndexes: [] };

export const CONNECTIONS_BY_USER: IndexName = { name: "by_user", hash: "user_id", range: "id" };

/** Of live connections; each is deleted when it is closed. */
const connections: TableDefinition = {
  name: "connections",
  key: "id",
  indexes: [CONNECTIONS_BY_USER],
  keyIndexes: [],
  deletes: true,
};

export const SUBSCRIPTIONS_BY_USER: IndexName = { name: "by_user", hash: "user_id", range: "id" };

/** Of push subscriptions; each is deleted when its push service does not know it any more. */
const subscriptions: TableDefinition = {
  name: "subscriptions",
  key: "id",
  indexes: [],
  keyIndexes: [SUBSCRIPTIONS_BY_USER],
  deletes: true,
};

/** Attempts of a webhook, in the table of the webhooks. */
export const LOG_BY_WEBHOOK: IndexName = { name: "by_webhook", hash: "webhook_id", range: "at" };

/** Of webhooks, the lists of their owners' and the log of their deliveries. */
const webhooks: TableDefinition = {
  name: "webhooks",
  key: "id",
  indexes: [LOG_BY_WEBHOOK],
  keyIndexes: [],
  deletes: true,
};

/** Orders that have a message for a webhook which is not accepted, by the time of the last one. */
export const DELIVERIES_BY_WEBHOOK: IndexName = { name: "by_webhook", hash: "webhook", range: "waiting" };

export const tables = [
  aggregateTable("notifications", {
    indexes: [NOTIFICATION_INDEXES.all],
    keyIndexes: [NOTIFICATION_INDEXES.unread],
  }),
  contacts,
  connections,
  subscriptions,
  webhooks,
  aggregateTable("deliveries", { keyIndexes: [DELIVERIES_BY_WEBHOOK] }),
];
