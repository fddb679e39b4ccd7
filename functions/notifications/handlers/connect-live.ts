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
import { checkOrigin, identifyLive } from "../live/identify-live.ts";
import { type NotificationService, notificationService } from "../service.ts";

/** As long as API Gateway keeps a connection, in seconds. */
const LONGEST_S = 2 * 3_600;
const MOST_PER_USER = 20;

/** Records the connection of its user, who must have fewer than {@link MOST_PER_USER}. Returns the subprotocol, if one was offered. */
export async function handle(
  { live, ports }: NotificationService,
  { requestContext, headers = {} }: SocketEvent,
  { config, tokens }: { readonly config: Pick<Config, "DEBUG" | "CORS_ORIGINS">; readonly tokens: Tokens },
): Promise<Readonly<Record<string, string>>> {
  const given = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  if (onLambda()) checkOrigin(given["origin"], config.CORS_ORIGINS);
  const { user, protocol, expires } = await identifyLive(given, tokens, config.DEBUG);
  await ports.contacts.update(user);
  const now = Math.floor(ports.now() / 1_000);
  const record = {
    id: requestContext.connectionId,
    user_id: user.id,
    ...holderOf(requestContext),
    ...(user.locale === undefined ? {} : { locale: user.locale }),
    expires_on: Math.min(now + LONGEST_S, expires ?? Number.POSITIVE_INFINITY),
  };
  await requirePlace(live.records, record, now);
  await live.records.add(record);
  return protocol === undefined ? {} : { "Sec-WebSocket-Protocol": protocol };
}

function holderOf({ domainName, apiId, stage }: SocketEvent["requestContext"]) {
  return onLambda()
    ? { endpoint: connectionsEndpoint(apiId ?? "", stage), instance: "" }
    : { endpoint: `http://${domainName}`, instance: instanceId() };
}

/** @throws {DomainError} throttled `too_many_connections`. */
async function requirePlace(
  records: NotificationService["live"]["records"],
  { user_id, endpoint, instance }: ConnectionRecord,
  now: number,
): Promise<void> {
  const others = await records.of(user_id);
  if (others.length < MOST_PER_USER) return;
  // Of a process that is gone: another one has its address now.
  const dead = others.filter(
    (other) => other.expires_on <= now || (other.endpoint === endpoint && other.instance !== instance),
  );
  await Promise.all(dead.map(({ id }) => records.remove(id)));
  if (others.length - dead.length >= MOST_PER_USER)
    throw throttled("too_many_connections", `A user may have ${MOST_PER_USER} live connections.`);
}

export const handler = socketHandler(notifications.service, "connectLive", ({ event }) =>
  handle(notificationService(), event, platform()),
);
