// GET /api/notifications/unread-count/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { NOTIFICATION_INDEXES } from "../tables.ts";

const route = notifications.routes.unreadCount;

/** Counts are exact up to this number; for more the reply says `capped`. */
const MAX_COUNT = 99;

/** Counts the caller's unread notifications. Costs the same however many there are. */
export async function handle(
  { store, readers }: NotificationService,
  { user }: Pick<HttpRequest<typeof route>, "user">,
) {
  const { read_until } = await readers.of(user.id);
  const unread = await store.listIds({
    index: NOTIFICATION_INDEXES.unread,
    hash: user.id,
    limit: MAX_COUNT + 1,
    // Range keys are `<time>#<id>`; ";" sorts after "#", so all notifications of that millisecond count as read.
    ...(read_until === undefined ? {} : { bound: { ">": `${read_until};` } }),
  });
  const found = unread.items.length;
  return { status: 200 as const, body: { count: Math.min(found, MAX_COUNT), capped: found > MAX_COUNT } };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
