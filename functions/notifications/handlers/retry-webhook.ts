// POST /api/notifications/webhooks/{id}/retry/

import { iso } from "../../../lib/core/iso.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { ownWebhook } from "../webhooks/own-webhooks.ts";
import { retryOne, retrySince } from "../webhooks/retry.ts";

const route = notifications.routes.retryWebhook;

/** Sends messages of one of the caller's webhooks again, with the ids that they had. */
export async function handle(
  service: NotificationService,
  { params, body, user, scope }: Pick<HttpRequest<typeof route>, "params" | "body" | "user" | "scope">,
) {
  const webhook = await ownWebhook(service.ports.webhooks.records, user, params.id);
  const retried =
    "since" in body
      ? await retrySince(service, webhook, iso(Date.parse(body.since)), scope)
      : await retryOne(service, webhook, body.message_id, scope);
  return { status: 200 as const, body: retried };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
