// POST /internal/notifications/live/

import { type HttpRequest, httpHandler } from "../../../lib/http/handler.ts";
import { heldSockets } from "../../../lib/live/sockets.ts";
import { notifications } from "../contract.ts";
import { type NotificationService, notificationService } from "../service.ts";

const route = notifications.routes.offerLive;

/** Offers a frame, if there is one, to connections that this process holds. */
export async function handle(
  { live }: NotificationService,
  { body }: Pick<HttpRequest<typeof route>, "body">,
) {
  const { connections, position, frame } = body;
  const offer = position === undefined || frame === undefined ? undefined : { position, frame };
  const gone = live.offerHere(connections, offer, (id) => heldSockets.get(id) !== undefined);
  return { status: 200 as const, body: { gone } };
}

export const handler = httpHandler(notifications, route, (request) => handle(notificationService(), request));
