// GET /api/notifications/unread-count/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { NOTIFICATION_INDEXES } from "../tables.ts";

const route = notifications.routes.unreadCount;

/** Counted exactly up to here; beyond it the answer only says that there are more. */
const MAX_COUNT = 99;

/** How many of the caller's notifications are unread. It costs the same however many there are. */
export async function handle(
  { store, watermarks }: NotificationService,
  { user }: Pick<HttpRequest<typeof route>, "user">,
) {
  const readUntil = await watermarks.of(user.id);
  const unread = await store.listIds({
    index: NOTIFICATION_INDEXES.unread,
    hash: user.id,
    limit: MAX_COUNT + 1,
    // Range keys are `<time>#<id>`; ";" sorts after "#", so all of that very millisecond count as read.
    ...(readUntil === undefined ? {} : { bound: { ">": `${readUntil};` } }),
  });
  const found = unread.items.length;
  return { status: 200 as const, body: { count: Math.min(found, MAX_COUNT), capped: found > MAX_COUNT } };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
