// $default of the WebSocket API: `since` and `ping`.

import { DomainError, gone, unauthenticated } from "../../../lib/core/domain-error.ts";
import { postToConnection } from "../../../lib/live/aws-connections.ts";
import { socketHandler } from "../../../lib/live/socket-handler.ts";
import { heldSockets } from "../../../lib/live/sockets.ts";
import { notifications } from "../contract.ts";
import type { ConnectionRecord } from "../live/connection-records.ts";
import { readMessage } from "../live/frames.ts";
import { LiveStream, type SendFrame } from "../live/stream.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** Close codes for applications (RFC 6455, 7.4.2). */
const EXPIRED = 4401;

/**
 * Does what the message asks for, and sends the outcome on the connection. `current` gives the service of the settings then.
 * @throws {DomainError} gone for a connection that is not known; what is wrong with a message is sent as well.
 */
export async function handle(
  service: NotificationService,
  connectionId: string,
  text: string,
  current: () => NotificationService = () => service,
): Promise<undefined> {
  const record = await service.live.records.read(connectionId);
  const held = heldSockets.get(connectionId);
  if (record === undefined) {
    held?.close(EXPIRED, "connection unknown");
    throw gone("connection_gone", "This connection is not known.");
  }
  if (record.expires_on * 1_000 <= service.ports.now()) {
    held?.close(EXPIRED, "token expired");
    throw unauthenticated("token_expired", "The token has expired.");
  }
  const send = senderOf(record);
  try {
    await act(service, record, readMessage(text), send, current);
  } catch (error) {
    if (error instanceof DomainError) await send({ type: "error", code: error.code, detail: error.message });
    throw error;
  }
}

async function act(
  service: NotificationService,
  { id, user_id, locale }: ConnectionRecord,
  message: ReturnType<typeof readMessage>,
  send: SendFrame,
  current: () => NotificationService,
): Promise<void> {
  const { streams } = service.live;
  const user = { id: user_id, ...(locale === undefined ? {} : { locale }) };
  if (message.type === "since") {
    const stream = streams.get(id) ?? new LiveStream(current, user, send);
    if (heldSockets.get(id) !== undefined) streams.set(id, stream);
    await stream.start(message.position);
    return;
  }
  // What an instance that was killed has recorded, and not sent, is found here at the latest.
  const stream = streams.get(id) ?? new LiveStream(current, user, send, message.position);
  await stream.catchUp();
  await send({ type: "pong" });
}

/** Sends on a connection of this process, else by API Gateway. */
function senderOf({ id, endpoint, instance }: ConnectionRecord): SendFrame {
  if (instance === "") return (frame) => postToConnection(endpoint, id, JSON.stringify(frame));
  return (frame) => heldSockets.get(id)?.send(JSON.stringify(frame)) ?? false;
}

export const handler = socketHandler(notifications.service, "messageLive", ({ event, connectionId }) =>
  handle(notificationService(), connectionId, event.body ?? "", notificationService),
);
