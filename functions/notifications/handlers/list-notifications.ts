// GET /api/notifications/

import { pagesOf } from "../../../lib/http/cursor.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { readerLocale } from "../notification-text.ts";
import { notificationToView } from "../notification-view.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { NOTIFICATION_INDEXES } from "../tables.ts";

const route = notifications.routes.listNotifications;

/** Returns a page of the caller's notifications, the newest events first. */
export async function handle(
  { store, readers, ports }: NotificationService,
  { query, user, scope }: Pick<HttpRequest<typeof route>, "query" | "user" | "scope">,
) {
  const pages = pagesOf(ports.cursorKeys, [user.id, route.id], query);
  const [page, reader] = await Promise.all([
    store.list({
      index: NOTIFICATION_INDEXES.all,
      hash: user.id,
      descending: true,
      limit: pages.limit,
      signal: scope.signal,
      ...(pages.after === undefined ? {} : { bound: { "<": pages.after } }),
    }),
    readers.of(user.id),
  ]);
  const language = readerLocale(ports, user, reader);
  return {
    status: 200 as const,
    body: {
      items: page.items.map((notification) => notificationToView(notification, reader.read_until, language)),
      next_cursor: pages.cursor(page.next),
    },
  };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
