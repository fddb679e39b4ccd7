// What was sent, for the control room: notifications with the state of their channels, messages to webhooks with their attempts,
// and how they are sent again. It works on what is stored, so the relays of NotificationService do what it orders.

import { environment } from "../../lib/config/environment.ts";
import { notFound } from "../../lib/core/domain-error.ts";
import { openScope } from "../../lib/core/scope.ts";
import type { OutboxEvent } from "../../lib/outbox/outbox.ts";
import { eventParking, parkedSource } from "../../lib/outbox/parked.ts";
import type { SystemDatabase } from "../../lib/storage/system-database.ts";
import type { Table } from "../../lib/storage/table.ts";
import type { SentNotification, SentWebhook, Waiting } from "../control-room.ts";
import { notifications as contract } from "./contract.ts";
import { notificationStore } from "./notification-store.ts";
import { notificationSettings } from "./settings.ts";
import { attemptToView } from "./webhooks/attempt.ts";
import { deliveriesId, deliveriesStore } from "./webhooks/deliveries.ts";
import { type DeliveryLog, deliveryLog } from "./webhooks/delivery-log.ts";
import { bodyOf, TEST_TYPE } from "./webhooks/message.ts";
import { retryOne } from "./webhooks/retry.ts";
import { OPERATORS, webhookToView } from "./webhooks/webhook.ts";
import { type WebhookRecords, webhookRecords } from "./webhooks/webhook-records.ts";

export interface SentMessages {
  /** Undefined: it is not stored any more. */
  notification(id: string): Promise<SentNotification | undefined>;
  /** Undefined: the webhook is deleted, or its log does not have the message any more. */
  webhook(webhookId: string, messageId: string): Promise<SentWebhook | undefined>;
  /** Makes what is parked of a notification due again; how many mails and pushes that are. */
  retryNotification(id: string): Promise<number>;
  /** Sends a message again, also one that was accepted. @throws {DomainError} not found; conflict `webhook_disabled`. */
  retryWebhook(webhookId: string, messageId: string): Promise<void>;
}

export type OpenSentMessages = (database: SystemDatabase, now: () => number) => SentMessages;

export const openSentMessages: OpenSentMessages = ({ client, endpoint, table, tableName }, now) =>
  sentMessages({
    table,
    keepDays: notificationSettings(environment()).NOTIFICATION_DAYS,
    records: webhookRecords(client, endpoint, tableName("webhooks")),
    log: deliveryLog(client, tableName("webhooks")),
    now,
  });

export interface SentSources {
  table(name: string): Table;
  readonly keepDays: number;
  readonly records: WebhookRecords;
  readonly log: DeliveryLog;
  readonly now: () => number;
}

/** The same over given sources. */
export function sentMessages({ table, keepDays, records, log, now }: SentSources): SentMessages {
  const notifications = notificationStore(table("notifications"), keepDays);
  const parked = parkedSource("notifications", notifications, eventParking(), now);
  const deliveries = deliveriesStore(table("deliveries"));
  return {
    async notification(id) {
      const found = await notifications.read(id);
      if (found === undefined) return undefined;
      const { user_id, event, type, created_at, read_at, channels, outbox } = found;
      return {
        notification_id: id,
        user_id,
        event,
        type,
        created_at,
        read: read_at !== null,
        channels,
        waiting: outbox.map((one) => waitingOf(one, one.payload.channel)),
      };
    },
    async webhook(webhookId, messageId) {
      const [webhook, attempts] = await Promise.all([records.read(webhookId), log.of(webhookId)]);
      const own = attempts.filter(({ message }) => message.id === messageId);
      const message = own[0]?.message;
      if (webhook === undefined || message === undefined) return undefined;
      const { url, enabled, failures_in_a_row, paused_until } = webhookToView(webhook, now());
      const stored = await deliveries.read(deliveriesId(webhookId, message.order_id));
      const event = stored?.outbox.find(({ id }) => id === messageId);
      return {
        webhook_id: webhookId,
        owner: webhook.owner === OPERATORS ? null : webhook.owner,
        url,
        enabled,
        failures_in_a_row,
        paused_until,
        message_id: messageId,
        type: message.type,
        body: bodyOf(message),
        may_retry: enabled && message.type !== TEST_TYPE,
        waiting: event === undefined ? null : waitingOf(event, message.type),
        attempts: own.map(attemptToView).map(({ at, duration_ms, accepted, status, reason, reply }) => ({
          at,
          duration_ms,
          accepted,
          status,
          reason,
          reply,
        })),
      };
    },
    retryNotification: async (id) => (await parked.retry(id)).length,
    async retryWebhook(webhookId, messageId) {
      const webhook = await records.read(webhookId);
      if (webhook === undefined) throw notFound("webhook");
      // No hint: the relay of whichever runtime finds that it is due.
      const ports = { now, webhooks: { records, log, hint: async () => {} } };
      const scope = openScope(contract.service, `retry ${messageId}`);
      await retryOne({ ports, deliveries }, webhook, messageId, scope);
    },
  };
}

const waitingOf = (
  { parked_at, attempts, next_at, last_error }: OutboxEvent<unknown>,
  what: string,
): Waiting => ({
  what,
  state: parked_at === undefined ? "waiting" : "parked",
  attempts,
  next_at,
  error: last_error ?? null,
});
