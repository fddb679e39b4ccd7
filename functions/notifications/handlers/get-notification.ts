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
  { store, readers, ports }: NotificationService,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const [found, reader] = await Promise.all([store.read(params.id), readers.of(user.id)]);
  const notification = visibleTo(found, user.id);
  return {
    status: 200 as const,
    body: notificationToView(notification, reader.read_until, readerLocale(ports, user, reader)),
  };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
