// GET /api/notifications/unsubscribe/

import { acceptedLocale } from "../../../lib/core/locale.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { reply } from "../../../lib/http/reply.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { UNSUBSCRIBE_PAGE_HEADERS, unsubscribePage } from "../unsubscribe-page.ts";

const route = notifications.routes.confirmUnsubscribe;

/** A page that asks. It changes nothing: mail programs and scanners open every link. */
export async function handle(
  { ports, readers }: NotificationService,
  { query, headers }: Pick<HttpRequest<typeof route>, "query" | "headers">,
) {
  const userId = ports.unsubscribeLinks.userOf(query.token);
  const locale = acceptedLocale(headers["accept-language"]) ?? ports.defaultLocale;
  if (userId === undefined) return reply(200, unsubscribePage(locale, "invalid"), UNSUBSCRIBE_PAGE_HEADERS);
  const { preferences } = await readers.of(userId);
  return reply(200, unsubscribePage(preferences.locale ?? locale, "question"), UNSUBSCRIBE_PAGE_HEADERS);
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
