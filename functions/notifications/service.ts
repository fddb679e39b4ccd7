// NotificationService put together. What sends mail and keeps addresses stands apart (notification-relay.ts, contacts.ts), so that
// only the functions that need those packages carry them.

import { deriveKey } from "../../lib/auth/keys.ts";
import { platform } from "../../lib/http/platform.ts";
import { hintRelay } from "../../lib/outbox/hint.ts";
import { processContacts } from "./contact-cache.ts";
import { type NotificationStore, notificationStore } from "./notification-store.ts";
import type { NotificationPorts } from "./ports.ts";
import { type Watermarks, watermarks } from "./watermark.ts";

export const NOTIFICATIONS_RELAY = "notifications-relay";

export interface NotificationService {
  readonly ports: NotificationPorts;
  readonly store: NotificationStore;
  readonly watermarks: Watermarks;
}

/** NotificationService over given ports. */
export function createNotificationService(ports: NotificationPorts): NotificationService {
  return { ports, store: notificationStore(ports.table), watermarks: watermarks(ports.table) };
}

let shared: NotificationService | undefined;

/** This process's NotificationService. */
export function notificationService(): NotificationService {
  if (shared) return shared;
  const { config, secret, table } = platform();
  shared = createNotificationService({
    table: table("notifications"),
    cursorKey: deriveKey(secret, "cursor"),
    mailEnabled: config.SMTP_URL !== undefined,
    knownAddress: (userId) => processContacts.known(userId),
    now: Date.now,
    hint: (id, traceparent) => hintRelay(NOTIFICATIONS_RELAY, id, traceparent),
  });
  return shared;
}
