// The scope of an HTTP request: its trace and its deadline come from the request's headers.

import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { unavailable } from "../core/domain-error.ts";
import { REQUEST_TIMEOUT_MS, type Scope, scopeOf } from "../core/scope.ts";
import { continueTrace, type Trace, traceOf } from "../observability/trace.ts";

/** Left of a caller's deadline for the reply's way back; of a short one a tenth. */
const REPLY_RESERVE_MS = 100;

/** What the platform says of a request besides its event. AWS does not tell whether the client still waits. */
export interface RequestContext extends Context {
  /** Calls `listener` if the client hangs up before it has the reply. */
  onHangUp?(listener: () => void): void;
}

/** Lower-case header names of an event; API Gateway's payload 2.0 joins repeated ones with commas. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** Names the trace of a request for good: the handler, its log lines and its reply all read it from here. */
export function settleTrace(event: APIGatewayProxyEventV2): void {
  event.headers["traceparent"] = continueTrace(event.headers["traceparent"]).traceparent;
}

/** The trace that was settled; a new one for an event that never came through {@link settleTrace}. */
export function settledTrace({ headers }: APIGatewayProxyEventV2): Trace {
  const { traceparent } = headers;
  return traceparent === undefined ? continueTrace(undefined) : traceOf(traceparent);
}

/**
 * Opens the scope of an HTTP request. The caller waits for `cfmp-timeout` milliseconds; nobody's request takes longer than
 * ours may. Who hangs up waits no longer.
 */
export function httpScope(service: string, event: APIGatewayProxyEventV2, context: RequestContext): Scope {
  const given = event.headers["cfmp-timeout"] ?? "";
  const left = /^\d{1,9}$/.test(given) ? Number(given) : Number.POSITIVE_INFINITY;
  // What is answered at a caller's deadline comes too late for it.
  const forTheWork = Math.min(REQUEST_TIMEOUT_MS, left - Math.min(REPLY_RESERVE_MS, left / 10));
  const deadline = performance.now() + forTheWork;
  const scope = scopeOf(service, context.awsRequestId, settledTrace(event), deadline);
  context.onHangUp?.(() => scope.abandon(unavailable("caller_gone", "The caller hung up before the reply.")));
  return scope;
}
