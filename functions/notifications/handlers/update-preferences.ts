// PUT /api/notifications/preferences/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { preferencesOf, preferencesToView } from "../preferences.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.updatePreferences;

/** Replaces the caller's preferences: what the body leaves out is the default again. */
export async function handle(
  { readers, ports }: NotificationService,
  { body, user }: Pick<HttpRequest<typeof route>, "body" | "user">,
) {
  await ports.contacts.update(user);
  const preferences = await readers.prefer(user.id, () => preferencesOf(body));
  return { status: 200 as const, body: preferencesToView(preferences) };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
