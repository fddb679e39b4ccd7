// POST /api/notifications/unsubscribe/

import { notFound } from "../../../lib/core/domain-error.ts";
import { acceptedLocale } from "../../../lib/core/locale.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { reply } from "../../../lib/http/reply.ts";
import { notifications } from "../contract.ts";
import { withoutPromotion } from "../preferences.ts";
import { type NotificationService, notificationService } from "../service.ts";
import { UNSUBSCRIBE_PAGE_HEADERS, unsubscribePage } from "../unsubscribe-page.ts";

const route = notifications.routes.unsubscribe;

/**
 * Unsubscribes the user of the link from promotion by mail. The link is the only proof: the request has no cookie and no token.
 * @throws {DomainError} not found when the link is not valid.
 */
export async function handle(
  { ports, readers }: NotificationService,
  { query, headers }: Pick<HttpRequest<typeof route>, "query" | "headers">,
) {
  const userId = ports.unsubscribeLinks.userOf(query.token);
  if (userId === undefined) throw notFound("link to unsubscribe");
  const preferences = await readers.prefer(userId, withoutPromotion);
  const locale = preferences.locale ?? acceptedLocale(headers["accept-language"]) ?? ports.defaultLocale;
  return reply(200, unsubscribePage(locale, "done"), UNSUBSCRIBE_PAGE_HEADERS);
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
