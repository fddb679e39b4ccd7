// POST /api/notifications/unsubscribe/

import { acceptedLocale } from "../../../lib/core/locale.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { reply } from "../../../lib/http/reply.ts";
import { notifications } from "../contract.ts";
import { withoutPromotion } from "../preferences.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { UNSUBSCRIBE_PAGE_HEADERS, unsubscribePage } from "../unsubscribe-page.ts";

const route = notifications.routes.unsubscribe;

/** Unsubscribes the user of the link from promotion by mail. The link is the only proof: the request has no cookie and no token. */
export async function handle(
  { ports, readers }: NotificationService,
  { query, headers }: Pick<HttpRequest<typeof route>, "query" | "headers">,
) {
  const userId = ports.unsubscribeLinks.userOf(query.token);
  const locale = acceptedLocale(headers["accept-language"]) ?? ports.defaultLocale;
  if (userId === undefined) return reply(404, unsubscribePage(locale, "invalid"), UNSUBSCRIBE_PAGE_HEADERS);
  const preferences = await readers.prefer(userId, withoutPromotion);
  return reply(200, unsubscribePage(preferences.locale ?? locale, "done"), UNSUBSCRIBE_PAGE_HEADERS);
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
