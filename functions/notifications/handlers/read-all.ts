// POST /api/notifications/read-all/

import { iso } from "../../../lib/core/iso.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.readAll;

/** Marks all notifications that have arrived so far as read, with one write. */
export async function handle(
  { readers, ports }: NotificationService,
  { user }: Pick<HttpRequest<typeof route>, "user">,
) {
  await ports.contacts.update(user);
  const readUntil = await readers.raise(user.id, iso(ports.now()));
  return { status: 200 as const, body: { read_until: readUntil } };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
