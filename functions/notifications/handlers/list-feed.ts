// GET /api/notifications/feed/

import { gone } from "../../../lib/core/domain-error.ts";
import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { notifications } from "../contract.ts";
import { replay } from "../live/replay.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.listFeed;

/**
 * The caller's notifications after the position `since`, in their order; without it none, but the position from which to
 * continue. The first request begins the feed.
 * @throws {DomainError} gone `feed_position_unknown` when too many followed it, or it does not exist.
 */
export async function handle(
  service: NotificationService,
  { query, user }: Pick<HttpRequest<typeof route>, "query" | "user">,
) {
  const position = await service.feed.open(user.id);
  if (query.since === undefined)
    return { status: 200 as const, body: { items: [], position, last: position } };
  const found = await replay(service, user, query.since);
  if (found === undefined) {
    throw gone(
      "feed_position_unknown",
      "It can't be continued from this position; read the list, and continue from now.",
    );
  }
  const items = [...found.items];
  return {
    status: 200 as const,
    body: { items, position: items.at(-1)?.position ?? query.since, last: found.last },
  };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
