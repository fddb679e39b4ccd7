// A Lambda handler for a route of a WebSocket API: `$connect`, `$disconnect` or `$default`.
// Source: AWS, "Create AWS Lambda proxy integrations for WebSocket APIs in API Gateway".

import { readSecretsEarly, secretsFresh } from "../config/secrets-fresh.ts";
import { openScope, type Scope } from "../core/scope.ts";
import { problemJson } from "../http/problem.ts";
import { toProblem } from "../http/problem-replies.ts";
import { serviceLog } from "../observability/log.ts";

/** The part of API Gateway's event that is used. */
export interface SocketEvent {
  readonly requestContext: {
    readonly routeKey: string;
    readonly connectionId: string;
    readonly domainName: string;
    readonly stage: string;
    readonly apiId?: string;
  };
  /** Of the request for the connection; only with `$connect`. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

export interface SocketReply {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SocketRequest {
  readonly event: SocketEvent;
  readonly connectionId: string;
  readonly scope: Scope;
}

/**
 * Wraps `run`, which returns headers of the reply to `$connect`. An error becomes a reply with its status: it refuses a connection,
 * and has no effect on one that exists. Nothing escapes.
 */
export function socketHandler(
  service: string,
  name: string,
  run: (request: SocketRequest) => Promise<Readonly<Record<string, string>> | undefined>,
): (event: SocketEvent, context: { readonly awsRequestId: string }) => Promise<SocketReply> {
  readSecretsEarly();
  return async (event, { awsRequestId }) => {
    const { connectionId } = event.requestContext;
    const scope = openScope(service, awsRequestId);
    const entry = { route: name, connection: connectionId, trace_id: scope.traceId };
    try {
      const reading = secretsFresh();
      if (reading !== undefined) await reading;
      const headers = await run({ event, connectionId, scope });
      serviceLog(service).debug(entry, "socket request");
      return { statusCode: 200, ...(headers === undefined ? {} : { headers }) };
    } catch (error) {
      const problem = toProblem(error);
      const { status: statusCode, code } = problem;
      if (statusCode >= 500) serviceLog(service).error({ ...entry, err: error }, "socket request failed");
      else serviceLog(service).info({ ...entry, status: statusCode, code }, "socket request refused");
      const headers = { "content-type": "application/problem+json", ...problem.headers };
      return { statusCode, headers, body: problemJson(problem, scope.traceId) };
    }
  };
}
