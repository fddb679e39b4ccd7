// The scope of an HTTP request: its trace and its deadline come from the request's headers.

import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { unavailable } from "../core/domain-error.ts";
import { REQUEST_TIMEOUT_MS, type Scope, scopeOf } from "../core/scope.ts";
import { continueTrace, type Trace, traceOf } from "../observability/trace.ts";

/** Milliseconds of a caller's deadline that are reserved for sending the reply; of a short deadline a tenth. */
const REPLY_RESERVE_MS = 100;

/** The code of a request that was given up because nobody waits for its reply. */
export const CALLER_GONE = "caller_gone";

/** What the platform provides for a request besides its event. AWS does not report that a client has disconnected. */
export interface RequestContext extends Context {
  /** Calls `listener` if the client closes the connection before it has the reply. */
  onHangUp?(listener: () => void): void;
}

/** Lower-case header names of an event; API Gateway's payload 2.0 joins repeated ones with commas. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** Sets the trace of a request once: the handler, its log lines and its reply all read it from the event's headers. */
export function settleTrace(event: APIGatewayProxyEventV2): void {
  event.headers["traceparent"] = continueTrace(event.headers["traceparent"]).traceparent;
}

/** The trace that {@link settleTrace} set; a new one for an event that it did not process. */
export function settledTrace({ headers }: APIGatewayProxyEventV2): Trace {
  const { traceparent } = headers;
  return traceparent === undefined ? continueTrace(undefined) : traceOf(traceparent);
}

/**
 * Opens the scope of an HTTP request. Its deadline is the caller's (`cfmp-timeout`, in milliseconds), but no later than
 * {@link REQUEST_TIMEOUT_MS} from now. Its signal is also aborted when the client closes the connection.
 */
export function httpScope(service: string, event: APIGatewayProxyEventV2, context: RequestContext): Scope {
  const given = event.headers["cfmp-timeout"] ?? "";
  const left = /^\d{1,9}$/.test(given) ? Number(given) : Number.POSITIVE_INFINITY;
  // A reply that is sent at the caller's deadline arrives too late.
  const forTheWork = Math.min(REQUEST_TIMEOUT_MS, left - Math.min(REPLY_RESERVE_MS, left / 10));
  const deadline = performance.now() + forTheWork;
  const scope = scopeOf(service, context.awsRequestId, settledTrace(event), deadline);
  context.onHangUp?.(() => scope.abandon(unavailable(CALLER_GONE, "The caller hung up before the reply.")));
  return scope;
}
