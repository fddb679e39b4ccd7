// POST /api/notifications/subscriptions/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { subscribe } from "../push/own-subscriptions.ts";
import { subscriptionOf, subscriptionToView } from "../push/subscription.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.createSubscription;

/** Subscribes the caller's browser: one that was subscribed already, also for another user of the same browser, is theirs now. */
export async function handle(
  { ports }: NotificationService,
  { body, user }: Pick<HttpRequest<typeof route>, "body" | "user">,
) {
  const { push } = ports;
  const vapidKeys = push.vapidKeys().map(({ publicKey }) => publicKey);
  const wanted = subscriptionOf(body, { user, vapidKeys, anywhere: push.anywhere, now: ports.now() });
  return { status: 201 as const, body: subscriptionToView(await subscribe(ports, wanted)) };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
