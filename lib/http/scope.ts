// What every request carries with it, down to the last port: its trace, its log, its deadline.

import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { type Logger, serviceLog } from "../observability/log.ts";
import { continueTrace, type Trace } from "../observability/trace.ts";

/** Longest time a request may take when its caller does not say, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 10_000;

export interface Scope extends Trace {
  readonly service: string;
  readonly requestId: string;
  /** Epoch milliseconds; nothing is begun after it, and it is passed on to peers. */
  readonly deadline: number;
  readonly log: Logger;
}

/** Lower-case header names of an event; API Gateway's payload 2.0 joins repeated ones with commas. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** Opens the scope of an HTTP request. */
export function httpScope(service: string, event: APIGatewayProxyEventV2, context: Context): Scope {
  const asked = Number(event.headers["cfmp-deadline"] ?? Number.NaN);
  const limit = Date.now() + REQUEST_TIMEOUT_MS;
  return openScope(
    service,
    context.awsRequestId,
    event.headers["traceparent"],
    asked > 0 && asked < limit ? asked : limit,
  );
}

/** Opens a scope for work that no request began, such as a sweep. */
export function openScope(
  service: string,
  requestId: string,
  traceparent?: string,
  deadline?: number,
): Scope {
  const trace = continueTrace(traceparent);
  let log: Logger | undefined;
  return {
    ...trace,
    service,
    requestId,
    deadline: deadline ?? Date.now() + REQUEST_TIMEOUT_MS,
    get log() {
      log ??= serviceLog(service).child({ trace_id: trace.traceId, request_id: requestId });
      return log;
    },
  };
}
