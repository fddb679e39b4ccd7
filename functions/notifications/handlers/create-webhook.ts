// POST /api/notifications/webhooks/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { register } from "../webhooks/own-webhooks.ts";
import { webhookToView } from "../webhooks/webhook.ts";

const route = notifications.routes.createWebhook;

/** Registers a webhook. The reply alone has its secret. */
export async function handle(
  { ports }: NotificationService,
  { body, user }: Pick<HttpRequest<typeof route>, "body" | "user">,
) {
  const webhook = await register(ports, user, body);
  const { secret } = webhook;
  return { status: 201 as const, body: { ...webhookToView(webhook, ports.now()), secret } };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
