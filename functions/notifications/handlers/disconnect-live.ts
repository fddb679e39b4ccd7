// $disconnect of the WebSocket API. It may never be called: then the record is removed by the next notification, or expires.

import { socketHandler } from "../../../lib/live/socket-handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** Forgets the connection. */
export async function handle({ live }: NotificationService, connectionId: string): Promise<undefined> {
  live.streams.delete(connectionId);
  await live.records.remove(connectionId);
}

export const handler = socketHandler(notifications.service, "disconnectLive", ({ connectionId }) =>
  handle(notificationService(), connectionId),
);
