// $default of the WebSocket API: `since` and `ping`.

import { DomainError, gone, unauthenticated } from "../../../lib/core/domain-error.ts";
import { onLambda } from "../../../lib/core/on-lambda.ts";
import { toProblem } from "../../../lib/http/problem-replies.ts";
import { closeConnection, connectionsEndpoint, postToConnection } from "../../../lib/live/aws-connections.ts";
import { type SocketEvent, socketHandler } from "../../../lib/live/socket-handler.ts";
import { heldSockets } from "../../../lib/live/sockets.ts";
import { notifications } from "../contract.ts";
import type { ConnectionRecord } from "../live/connection-records.ts";
import { TOKEN_EXPIRED } from "../live/endings.ts";
import { readMessage } from "../live/frames.ts";
import { LiveStream, type SendFrame } from "../live/stream.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** The close code "try again later", as registered by RFC 6455, 7.4.2. API Gateway closes by its own. */
const TRY_AGAIN = 1013;

/** A connection: how something is sent on it, and how it is ended. */
export interface Line {
  readonly id: string;
  readonly send: SendFrame;
  close(code: number, reason: string): unknown;
}

/**
 * Does what the message asks for, and sends the outcome on the connection. `current` gives the service of the settings then.
 * What is wrong is sent as well; a connection that is not known, or whose message can't be answered now, is closed, for a client
 * connects again, and asks again.
 * @throws {DomainError} gone for a connection that is not known, unauthenticated for one that has expired.
 */
export async function handle(
  service: NotificationService,
  line: Line,
  text: string,
  current: () => NotificationService = () => service,
): Promise<undefined> {
  try {
    const record = await service.live.records.read(line.id);
    if (record === undefined) throw gone("connection_gone", "This connection is not known.");
    if (record.expires_on * 1_000 <= service.ports.now())
      throw unauthenticated("token_expired", "The token has expired.");
    await act(service, record, readMessage(text), line.send, current);
  } catch (error) {
    // What can't be sent or closed now has ended, or is ended by its client's next ping. What went wrong is thrown.
    await answer(error, line).catch(() => {});
    throw error;
  }
}

async function answer(error: unknown, { send, close }: Line): Promise<void> {
  const { status, code, message } = toProblem(error);
  const kind = error instanceof DomainError ? error.kind : undefined;
  if (kind === "gone") return void (await close(TOKEN_EXPIRED.code, "connection unknown"));
  if (kind === "unauthenticated") return void (await close(TOKEN_EXPIRED.code, TOKEN_EXPIRED.reason));
  await send({ type: "error", code, detail: message });
  if (status >= 500) await close(TRY_AGAIN, "try again");
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

/** On a connection of this process, else by API Gateway. */
function lineOf(id: string, { apiId = "", stage }: SocketEvent["requestContext"]): Line {
  if (onLambda()) {
    const endpoint = connectionsEndpoint(apiId, stage);
    return {
      id,
      send: (frame) => postToConnection(endpoint, id, JSON.stringify(frame)),
      close: () => closeConnection(endpoint, id),
    };
  }
  return {
    id,
    send: (frame) => heldSockets.get(id)?.send(JSON.stringify(frame)) ?? false,
    close: (code, reason) => heldSockets.get(id)?.close(code, reason),
  };
}

export const handler = socketHandler(notifications.service, "messageLive", ({ event, connectionId }) => {
  const line = lineOf(connectionId, event.requestContext);
  return handle(notificationService(), line, event.body ?? "", notificationService);
});
