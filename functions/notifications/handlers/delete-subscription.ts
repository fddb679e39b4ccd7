// DELETE /api/notifications/subscriptions/{id}/

import { notFound } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.deleteSubscription;

/** Ends one of the caller's subscriptions. @throws {DomainError} not found for all others. */
export async function handle(
  { ports }: NotificationService,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const { records } = ports.push;
  const found = await records.read(params.id);
  if (found?.user_id !== user.id) throw notFound("subscription");
  await records.remove(found);
  return { status: 204 as const, body: undefined };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
