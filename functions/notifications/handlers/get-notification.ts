// GET /api/notifications/{id}/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { visibleTo } from "../notification.ts";
import { readerLocale } from "../notification-text.ts";
import { notificationToView } from "../notification-view.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.getNotification;

/** Returns the notification to its user. */
export async function handle(
  { store, watermarks, ports }: NotificationService,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const [found, readUntil] = await Promise.all([store.read(params.id), watermarks.of(user.id)]);
  const notification = visibleTo(found, user.id);
  return {
    status: 200 as const,
    body: notificationToView(notification, readUntil, readerLocale(ports, user)),
  };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
