// GET /api/notifications/webhooks/{id}/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { ownWebhook } from "../webhooks/own-webhooks.ts";
import { webhookToView } from "../webhooks/webhook.ts";

const route = notifications.routes.getWebhook;

/** One of the caller's webhooks, without its secret. */
export async function handle(
  { ports }: NotificationService,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const webhook = await ownWebhook(ports.webhooks.records, user, params.id);
  return { status: 200 as const, body: webhookToView(webhook, ports.now()) };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
