// API Gateway's event for a route of a WebSocket API.
// Source: AWS, "Create AWS Lambda proxy integrations for WebSocket APIs in API Gateway".

import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

export interface SocketOrigin {
  readonly connectionId: string;
  /** Host and port at which this listener is reached by other instances. */
  readonly domainName: string;
  readonly connectedAt: number;
  readonly request: IncomingMessage;
}

export type SocketRoute = "$connect" | "$disconnect" | "$default";

const TYPES = { $connect: "CONNECT", $disconnect: "DISCONNECT", $default: "MESSAGE" } as const;

/** The event of `route`; `body` is the text of a message. */
export function toSocketEvent(route: SocketRoute, origin: SocketOrigin, body?: string): object {
  const { connectionId, domainName, connectedAt, request } = origin;
  const requestId = randomUUID();
  const requestContext = {
    routeKey: route,
    eventType: TYPES[route],
    messageDirection: "IN",
    stage: "local",
    apiId: "local",
    domainName,
    connectionId,
    connectedAt,
    requestId,
    extendedRequestId: requestId,
    requestTimeEpoch: Date.now(),
    identity: {
      sourceIp: request.socket.remoteAddress ?? "",
      userAgent: request.headers["user-agent"] ?? "",
    },
  };
  const connecting = route === "$connect" ? { headers: namedAsSent(request) } : {};
  return { ...connecting, requestContext, isBase64Encoded: false, ...(body === undefined ? {} : { body }) };
}

/** API Gateway keeps the names as they were sent. */
function namedAsSent({ rawHeaders }: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = [rawHeaders[index], rawHeaders[index + 1]];
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return headers;
}
