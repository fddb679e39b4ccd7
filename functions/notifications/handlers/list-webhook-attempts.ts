// GET /api/notifications/webhooks/{id}/attempts/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { attemptToView } from "../webhooks/attempt.ts";
import { ownWebhook } from "../webhooks/own-webhooks.ts";

const route = notifications.routes.listWebhookAttempts;

/** The log of one of the caller's webhooks. */
export async function handle(
  { ports }: NotificationService,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const { records, log } = ports.webhooks;
  const webhook = await ownWebhook(records, user, params.id);
  const items = (await log.of(webhook.id)).map(attemptToView);
  return { status: 200 as const, body: { items } };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
