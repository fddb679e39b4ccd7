// POST /api/notifications/{id}/read/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { commandNotification } from "../command.ts";
import { notifications } from "../contract.ts";
import { readNotification } from "../notification.ts";
import { readerLocale } from "../notification-text.ts";
import { notificationToView } from "../notification-view.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.readNotification;

/** Marks one notification as read. */
export async function handle(
  service: NotificationService,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  const notification = await commandNotification(service, params.id, user.id, readNotification);
  const reader = await service.readers.of(user.id);
  return {
    status: 200 as const,
    body: notificationToView(notification, undefined, readerLocale(service.ports, user, reader)),
  };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
