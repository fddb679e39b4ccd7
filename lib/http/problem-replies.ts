// The outermost middleware: turns every error into a problem reply, and logs one line per request.

import type { MiddlewareObj, Request } from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { PeerRefusal } from "../contract/client.ts";
import { DomainError, unavailable } from "../core/domain-error.ts";
import { PeerUnavailable } from "../discovery/peer/peer.ts";
import { serviceLog } from "../observability/log.ts";
import { meter } from "../observability/meter.ts";
import { spanPath } from "../observability/span-path.ts";
import { traceFields } from "../observability/trace.ts";
import { tracingReady } from "../observability/tracing.ts";
import { saysAway } from "../outbox/failure.ts";
import { SCHEMA_UNKNOWN, StorageContention, StorageFault, StorageUnavailable } from "../storage/errors.ts";
import { CLIENT_CLOSED, Problem, problemJson, problemOf } from "./problem.ts";
import { toResult } from "./reply.ts";
import { CALLER_GONE, settledTrace } from "./request-scope.ts";
import { beginRequest, endRequest, type NamedRoute, ServedRoute } from "./request-span.ts";

type RouteMiddleware = MiddlewareObj<
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Error,
  Context,
  Internal
>;

type RouteRequest = Request<
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Error,
  Context,
  Internal
>;

/** What is remembered of a request. */
interface Internal extends Record<string, unknown> {
  /** When it arrived, by `performance.now()`. */
  begun?: number;
}

/** Turns errors thrown by `route` of `service` into `application/problem+json`, and logs and measures the request. */
export function problemReplies(service: string, named: NamedRoute): RouteMiddleware {
  const { id: route, path: template } = named;
  const log = serviceLog(service);
  const served = new ServedRoute(service, named);
  const finish = (
    { event, context, internal }: RouteRequest,
    result: APIGatewayProxyStructuredResultV2,
    error?: unknown,
  ) => {
    const { traceparent } = settledTrace(event);
    const requestId = context.awsRequestId;
    result.headers = { ...result.headers, traceparent, "x-request-id": requestId };
    endRequest(context, result.statusCode ?? 200, error instanceof Problem ? error.code : nameOf(error));
    const took = performance.now() - (internal.begun ?? 0);
    meter()?.request(
      service,
      template,
      event.requestContext.http.method,
      result.statusCode ?? 200,
      took / 1_000,
    );
    const entry = {
      ...traceFields(traceparent),
      request_id: requestId,
      route,
      method: event.requestContext.http.method,
      path: spanPath(event.rawPath),
      status: result.statusCode,
      duration_ms: Math.round(took * 10) / 10,
    };
    if (result.statusCode === 500) log.error({ ...entry, err: error }, "request failed");
    else if (error instanceof Problem) log.info({ ...entry, code: error.code }, "request refused");
    // Not logged when it succeeds: every sidecar sends this request once a second.
    else log[route === "health" ? "debug" : "info"](entry, "request");
  };
  return {
    before({ event, context, internal }) {
      internal.begun = performance.now();
      const starting = tracingReady();
      if (starting !== undefined) return starting.then(() => beginRequest(served, event, context));
      beginRequest(served, event, context);
      return undefined;
    },
    after(request) {
      if (request.response) finish(request, request.response);
    },
    onError(request) {
      const { event, error } = request;
      const problem = toProblem(error);
      const { traceId } = settledTrace(event);
      const result = toResult({
        status: problem.status,
        body: problemJson(problem, traceId),
        headers: { "content-type": "application/problem+json", ...problem.headers },
      });
      finish(request, result, problem.status === 500 ? error : problem);
      request.response = result;
    },
  };
}

const nameOf = (error: unknown): string | undefined => (error instanceof Error ? error.name : undefined);

/** The problem for an error. An unexpected error is a 500 without internal details. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const known = toDomainError(error);
  // Nobody gets this reply: its status is for logs, spans and metrics, where clients that leave are no failures of the service.
  if (known?.code === CALLER_GONE) return new Problem(CLIENT_CLOSED, known.code, known.message);
  if (known) return problemOf(known);
  return new Problem(500, "internal_error", "An internal error occurred; it was logged under this trace_id.");
}

function toDomainError(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (error instanceof StorageUnavailable)
    return unavailable("storage_unavailable", "The database does not answer; try again.");
  if (error instanceof PeerUnavailable)
    return unavailable("peer_unavailable", `${error.service} does not answer; try again.`, secondsOf(error));
  if (error instanceof PeerRefusal && (error.status >= 500 || saysAway(error.status)))
    return unavailable("peer_unavailable", "Another service can't answer now; try again.", error.retryAfter);
  // During a deployment: an instance of the new version can answer.
  if (error instanceof StorageFault && error.reason === SCHEMA_UNKNOWN)
    return unavailable("written_by_later_version", "A later version wrote this; try again.");
  if (error instanceof StorageContention)
    return unavailable("too_many_changes", "Too many changes at once; try again.");
  return undefined;
}

/** Seconds until the caller should try again: as the peer's instances said, or 1. */
const secondsOf = ({ retryAfterMs = 1_000 }: PeerUnavailable): number => Math.ceil(retryAfterMs / 1_000);
