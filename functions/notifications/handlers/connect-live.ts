// $connect of the WebSocket API

import type { Tokens } from "../../../lib/auth/tokens.ts";
import type { Config } from "../../../lib/config/env.ts";
import { throttled } from "../../../lib/core/domain-error.ts";
import { onLambda } from "../../../lib/core/on-lambda.ts";
import { instanceId } from "../../../lib/http/addressee.ts";
import { connectionsEndpoint } from "../../../lib/live/aws-connections.ts";
import { type SocketEvent, socketHandler } from "../../../lib/live/socket-handler.ts";
import { platform } from "../../../lib/platform/platform.ts";
import { notifications } from "../contract.ts";
import type { ConnectionRecord } from "../live/connection-records.ts";
import { TOKEN_EXPIRED, TOO_OLD } from "../live/endings.ts";
import { checkOrigin, identifyLive } from "../live/identify-live.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** As long as API Gateway keeps a connection, in seconds. */
const LONGEST_S = 2 * 3_600;
const MOST_PER_USER = 20;

/** Records the connection of its user, of whom {@link MOST_PER_USER} count. Returns the subprotocol, if one was offered. */
export async function handle(
  { live, ports }: NotificationService,
  { requestContext, headers = {} }: SocketEvent,
  { config, tokens }: { readonly config: Pick<Config, "DEBUG" | "CORS_ORIGINS">; readonly tokens: Tokens },
): Promise<Readonly<Record<string, string>>> {
  const given = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (onLambda()) checkOrigin(given["origin"], config.CORS_ORIGINS);
  const {
    user,
    protocol,
    expires = Number.POSITIVE_INFINITY,
  } = await identifyLive(given, tokens, config.DEBUG);
  await ports.contacts.update(user);
  const now = Math.floor(ports.now() / 1_000);
  const record = {
    id: requestContext.connectionId,
    user_id: user.id,
    ...holderOf(requestContext),
    ...(user.locale === undefined ? {} : { locale: user.locale }),
    opened_on: now,
    expires_on: Math.min(now + LONGEST_S, expires),
  };
  await add(live, record);
  const ending = expires <= record.expires_on ? TOKEN_EXPIRED : TOO_OLD;
  if (!onLambda()) live.endings.set(record.id, record.expires_on * 1_000 - ports.now(), ending);
  return protocol === undefined ? {} : { "Sec-WebSocket-Protocol": protocol };
}

/** @throws {DomainError} throttled `too_many_connections`. */
async function add(live: NotificationService["live"], record: ConnectionRecord): Promise<void> {
  if (await live.records.add(record, MOST_PER_USER)) return;
  await live.forgetEnded(record);
  if (await live.records.add(record, MOST_PER_USER)) return;
  throw throttled("too_many_connections", `A user may have ${MOST_PER_USER} live connections.`);
}

function holderOf({ domainName, apiId, stage }: SocketEvent["requestContext"]) {
  return onLambda()
    ? { endpoint: connectionsEndpoint(apiId ?? "", stage), instance: "" }
    : { endpoint: `http://${domainName}`, instance: instanceId() };
}

export const handler = socketHandler(notifications.service, "connectLive", ({ event }) =>
  handle(notificationService(), event, platform()),
);
