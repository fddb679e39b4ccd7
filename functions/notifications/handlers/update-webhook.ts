// PUT /api/notifications/webhooks/{id}/

import { notFound } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { ownWebhook } from "../webhooks/own-webhooks.ts";
import { webhookToView, webhookUrl, withSettings } from "../webhooks/webhook.ts";

const route = notifications.routes.updateWebhook;

/** Changes one of the caller's webhooks. What was not accepted so far goes to the new URL. */
export async function handle(
  { ports }: NotificationService,
  { params, body, user }: Pick<HttpRequest<typeof route>, "params" | "body" | "user">,
) {
  const { records, anywhere } = ports.webhooks;
  const webhook = await ownWebhook(records, user, params.id);
  const changed = withSettings(webhook, { ...body, url: webhookUrl(body.url, anywhere) }, ports.now());
  if (!(await records.writeSettings(changed))) throw notFound("webhook");
  return { status: 200 as const, body: webhookToView(changed, ports.now()) };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
