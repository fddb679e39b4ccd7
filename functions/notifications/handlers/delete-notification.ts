// DELETE /api/notifications/{id}/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { commandNotification } from "../command.ts";
import { notifications } from "../contract.ts";
import { deleteNotification } from "../notification.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.deleteNotification;

/** Deletes one notification: it is never shown again. */
export async function handle(
  service: NotificationService,
  { params, user }: Pick<HttpRequest<typeof route>, "params" | "user">,
) {
  await commandNotification(service, params.id, user.id, deleteNotification);
  return { status: 204 as const, body: undefined };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
