// POST /api/notifications/webhooks/

import { creation } from "../../../lib/core/idempotency.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { REPLAYED } from "../../../lib/http/reply.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { register } from "../webhooks/own-webhooks.ts";
import { webhookToView } from "../webhooks/webhook.ts";

type Keyed = Partial<Pick<HttpRequest<typeof route>, "idempotencyKey">>;

const route = notifications.routes.createWebhook;

/**
 * Registers a webhook. The reply alone has its secret, and the reply to the same request with the same `Idempotency-Key`, for that one may
 * not have arrived; not any more once the secret was changed.
 */
export async function handle(
  { ports }: NotificationService,
  { body, user, idempotencyKey }: Pick<HttpRequest<typeof route>, "body" | "user"> & Keyed,
) {
  const made = creation(user.id, route.id, idempotencyKey, body);
  const { webhook, replayed } = await register(ports, user, body, made);
  const secret = webhook.previous === undefined ? webhook.secret : null;
  return {
    status: 201 as const,
    body: { ...webhookToView(webhook, ports.now()), secret },
    headers: replayed ? REPLAYED : {},
  };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
