// $disconnect of the WebSocket API. It may never be called: then the record is removed by the next notification, or by the user's next
// connection beyond those they may have, or expires.

import { socketHandler } from "../../../lib/live/socket-handler.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** Forgets the connection. */
export async function handle({ live }: NotificationService, connectionId: string): Promise<undefined> {
  live.streams.delete(connectionId);
  live.endings.clear(connectionId);
  const found = await live.records.read(connectionId);
  if (found !== undefined) await live.records.remove(found);
}

export const handler = socketHandler(notifications.service, "disconnectLive", ({ connectionId }) =>
  handle(notificationService(), connectionId),
);
