// One command on one notification: read, decide by the rules, write on condition.

import { notFound } from "../../lib/core/domain-error.ts";
import { type Notification, visibleTo } from "./notification.ts";
import type { NotificationService } from "./service.ts";

/** Applies `decide` to the notification `id` of this user. @throws {DomainError} not found when they have no such notification. */
export async function commandNotification(
  { store, ports }: NotificationService,
  id: string,
  userId: string,
  decide: (notification: Notification, now: number) => Notification,
): Promise<Notification> {
  const done = await store.change(id, (notification) => decide(visibleTo(notification, userId), ports.now()));
  if (!done) throw notFound("notification");
  return done.state;
}
