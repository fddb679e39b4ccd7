// A notification as its user sees it.

import type { NotificationView } from "./contract.ts";
import { isRead, mailStatus, type Notification, pushStatus } from "./notification.ts";
import { type ReaderLocale, textOf } from "./notification-text.ts";

/** The notification without internal fields and addresses, in its reader's language. `readUntil` is its user's watermark. */
export function notificationToView(
  notification: Notification,
  readUntil: string | undefined,
  reader: ReaderLocale,
): NotificationView {
  const { in_app } = notification.channels;
  const mail = mailStatus(notification);
  const push = pushStatus(notification);
  return {
    id: notification.id,
    user_id: notification.user_id,
    type: notification.type,
    event: notification.event,
    ...textOf(notification, reader),
    related_id: notification.related_id,
    channels: {
      ...(in_app === undefined ? {} : { in_app }),
      ...(mail === undefined ? {} : { email: mail }),
      ...(push === undefined ? {} : { push }),
    },
    read: isRead(notification, readUntil),
    read_at: notification.read_at,
    created_at: notification.created_at,
  };
}

/** The view in the feed, where a deleted notification keeps its position: null then, and for one that is not stored any more. */
export const feedView = (
  notification: Notification | undefined,
  readUntil: string | undefined,
  reader: ReaderLocale,
): NotificationView | null =>
  notification === undefined || notification.deleted_at !== null
    ? null
    : notificationToView(notification, readUntil, reader);

/** The view for its sender: as it was sent, since only its user may see whether it was read. */
export const sentToView = (notification: Notification, reader: ReaderLocale): NotificationView =>
  notificationToView({ ...notification, read_at: null }, undefined, reader);
