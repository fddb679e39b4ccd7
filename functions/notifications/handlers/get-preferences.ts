// GET /api/notifications/preferences/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { preferencesToView } from "../preferences.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.getPreferences;

/** Returns the caller's preferences, with the defaults where they have chosen nothing. */
export async function handle(
  { readers }: NotificationService,
  { user }: Pick<HttpRequest<typeof route>, "user">,
) {
  const { preferences } = await readers.of(user.id);
  return { status: 200 as const, body: preferencesToView(preferences) };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
