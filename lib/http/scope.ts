// What every request carries with it, down to the last port: its trace, its log, its deadline.

import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { type Logger, serviceLog } from "../observability/log.ts";
import { continueTrace, type Trace, traceOf } from "../observability/trace.ts";

/** Longest time a request may take when its caller does not say, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** Left of a caller's deadline for the reply's way back; of a short one a tenth. */
const REPLY_RESERVE_MS = 100;

export interface Scope extends Trace {
  readonly service: string;
  readonly requestId: string;
  /** Epoch milliseconds; nothing is begun after it, and it is passed on to peers. */
  readonly deadline: number;
  readonly log: Logger;
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

/** Opens the scope of an HTTP request. */
export function httpScope(service: string, event: APIGatewayProxyEventV2, context: Context): Scope {
  const asked = Number(event.headers["cfmp-deadline"] ?? Number.NaN);
  const now = Date.now();
  const limit = now + REQUEST_TIMEOUT_MS;
  // What is answered at a caller's deadline comes too late for it.
  const inTime = asked - Math.min(REPLY_RESERVE_MS, (asked - now) / 10);
  const deadline = asked > 0 && inTime < limit ? inTime : limit;
  return scopeOf(service, context.awsRequestId, settledTrace(event), deadline);
}

/** Opens a scope for work that no request began, such as a sweep; `about` goes into each of its log lines. */
export function openScope(
  service: string,
  requestId: string,
  traceparent?: string,
  deadline?: number,
  about?: Readonly<Record<string, string>>,
): Scope {
  const until = deadline ?? Date.now() + REQUEST_TIMEOUT_MS;
  return scopeOf(service, requestId, continueTrace(traceparent), until, about);
}

function scopeOf(
  service: string,
  requestId: string,
  trace: Trace,
  deadline: number,
  about?: Readonly<Record<string, string>>,
): Scope {
  let log: Logger | undefined;
  return {
    ...trace,
    service,
    requestId,
    deadline,
    get log() {
      log ??= serviceLog(service).child({ trace_id: trace.traceId, request_id: requestId, ...about });
      return log;
    },
  };
}
