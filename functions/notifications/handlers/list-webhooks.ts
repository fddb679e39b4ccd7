// GET /api/notifications/webhooks/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { ownWebhooks } from "../webhooks/own-webhooks.ts";
import { webhookToView } from "../webhooks/webhook.ts";

const route = notifications.routes.listWebhooks;

/** The webhooks that the caller may manage, without their secrets. */
export async function handle(
  { ports }: NotificationService,
  { user }: Pick<HttpRequest<typeof route>, "user">,
) {
  const found = await ownWebhooks(ports.webhooks.records, user);
  const items = found.map((webhook) => webhookToView(webhook, ports.now()));
  return { status: 200 as const, body: { items } };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
