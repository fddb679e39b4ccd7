// After a notification was recorded: its position, and its way to live connections.

import { onLambda } from "../../../lib/core/on-lambda.ts";
import { awaitsPush, type Notification } from "../notification.ts";
import type { NotificationService } from "../service.ts";

/**
 * Gives the notification its position, if its user has a feed; then sends it to their connections, for which nobody waits, except
 * on AWS, where a frozen process sends nothing. Where it is to go by push, the relay does that, since it has to know whether
 * a connection took it.
 */
export async function appendToFeed(
  { feed, live }: Pick<NotificationService, "feed" | "live">,
  notification: Notification,
): Promise<void> {
  // A user may not want to see some in the application.
  if (notification.channels.in_app === undefined) return;
  const position = await feed.append(notification);
  if (position === undefined || awaitsPush(notification)) return;
  const pushed = live.push(notification, position);
  if (onLambda()) await pushed;
}
