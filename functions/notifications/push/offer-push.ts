// The channel `push`: a notification goes to its user's live connections, and where none of them took it, to each of their
// browsers by Web Push.

import type { Step } from "../../../lib/storage/deferred-steps.ts";
import type { Feed } from "../live/feed.ts";
import type { Live } from "../live/live.ts";
import {
  isRead,
  type Notification,
  type PendingWebPush,
  pushAccepted,
  pushedTo,
  takenLive,
} from "../notification.ts";
import type { NotificationPorts } from "../ports.ts";
import { topicOf, wants } from "../preferences.ts";
import type { Readers } from "../readers.ts";
import { notificationGoesOut, wentOut } from "../sent-span.ts";
import { pushMessage, pushTerms } from "./push-message.ts";
import { isCurrent } from "./subscription.ts";

export interface PushSources {
  readonly feed: Feed;
  readonly live: Live;
  readonly readers: Readers;
  readonly ports: Pick<NotificationPorts, "push" | "defaultLocale" | "now">;
}

/** Offers it to live connections; if none took it, the step puts a message for each of the user's browsers into the outbox. */
export async function offerPush(
  notification: Notification,
  { feed, live, readers, ports }: PushSources,
): Promise<Step<Notification> | undefined> {
  const { user_id } = notification;
  const { preferences, read_until } = await readers.of(user_id);
  if (isOver(notification, read_until) || !wants(preferences, topicOf(notification), "push"))
    return undefined;
  // What is not shown in the application has no position, and no connection gets it.
  const position = notification.channels.in_app === undefined ? undefined : await feed.append(notification);
  if (position !== undefined && (await live.push(notification, position))) return takenLive;
  const subscriptions = await ports.push.records.idsOf(user_id);
  return (current) => pushedTo(current, subscriptions, ports.now());
}

/**
 * Sends it to one browser. Forgets the browser's subscription when its push service does not know it any more.
 * @throws {DeliveryFailure} when it did not take it.
 */
export async function sendWebPush(
  notification: Notification,
  { subscription: id }: PendingWebPush,
  { readers, ports }: PushSources,
): Promise<Step<Notification> | undefined> {
  const { user_id } = notification;
  const { records, sender } = ports.push;
  const [{ preferences, read_until }, subscription] = await Promise.all([
    readers.of(user_id),
    records.read(id),
  ]);
  // Another user may have subscribed with the same browser since.
  if (subscription === undefined || subscription.user_id !== user_id) return undefined;
  if (isOver(notification, read_until) || !wants(preferences, topicOf(notification), "push"))
    return undefined;
  const now = ports.now();
  if (!isCurrent(subscription, now)) return undefined;
  const reader = { chosen: preferences.locale ?? subscription.locale, fallback: ports.defaultLocale };
  const message = pushMessage(notification, reader);
  const to = new URL(subscription.endpoint).hostname;
  notificationGoesOut("web_push", notification, { to, bytes: Buffer.byteLength(message) });
  const outcome = await sender.send(subscription, message, pushTerms(notification, now));
  wentOut(outcome === "unknown_key" ? "failed" : outcome);
  if (outcome === "gone") await records.remove(subscription);
  return outcome === "accepted" ? pushAccepted : undefined;
}

/** Nobody is interrupted for what they have seen or deleted. */
const isOver = (notification: Notification, readUntil: string | undefined): boolean =>
  notification.deleted_at !== null || isRead(notification, readUntil);
