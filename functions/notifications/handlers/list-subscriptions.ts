// GET /api/notifications/subscriptions/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { currentVapidKey, ownSubscriptions } from "../push/own-subscriptions.ts";
import { subscriptionToView } from "../push/subscription.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.listSubscriptions;

/** Returns the caller's subscriptions, and the key for a further one. */
export async function handle(
  { ports }: NotificationService,
  { user }: Pick<HttpRequest<typeof route>, "user">,
) {
  const items = (await ownSubscriptions(ports, user.id)).map(subscriptionToView);
  return { status: 200 as const, body: { vapid_public_key: currentVapidKey(ports), items } };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
