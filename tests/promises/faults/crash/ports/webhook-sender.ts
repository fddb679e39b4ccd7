// Receivers of webhooks, watched.

import type { WebhookSender } from "../../../../../functions/notifications/webhooks/webhook-ports.ts";
import { webhookSender as real } from "../../../../../functions/notifications/webhooks/webhook-sender.ts";
import { watched } from "../passages.ts";

export * from "../../../../../functions/notifications/webhooks/webhook-sender.ts";

export const webhookSender = (...given: Parameters<typeof real>): WebhookSender =>
  watched("receiver", real(...given));
