// DELETE /api/notifications/webhooks/{id}/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { ownWebhook } from "../webhooks/own-webhooks.ts";

const route = notifications.routes.deleteWebhook;

/** Deletes one of the caller's webhooks. The relay drops what was not sent. */
export async function handle(
  { ports }: NotificationService,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const { records } = ports.webhooks;
  await records.remove(await ownWebhook(records, user, params.id), ports.now());
  return { status: 204 as const, body: undefined };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
