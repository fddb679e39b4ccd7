// The scope of a request: its trace, log and deadline, passed to every port.

import { type Logger, serviceLog } from "../observability/log.ts";
import { continueTrace, spanIdOf, type Trace } from "../observability/trace.ts";

/** Longest time a request may take when its caller does not say, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 10_000;

export interface Scope extends Trace {
  readonly service: string;
  readonly requestId: string;
  /**
   * Monotonic milliseconds, by `performance.now()`; no work is started after it. Peers are sent the time left, not a time of
   * day: the clocks of two machines differ, and setting a clock must not shorten or prolong a request in progress.
   */
  readonly deadline: number;
  /** Aborted when the result is no longer needed: at the deadline, or when the caller closes the connection. */
  readonly signal: AbortSignal;
  /** Aborts the signal; reads that were given it reject with `reason`. */
  abandon(reason: Error): void;
  readonly log: Logger;
}

/** Opens a scope for work that no request started, such as a sweep; `about` is added to each of its log lines. */
export function openScope(
  service: string,
  requestId: string,
  traceparent?: string,
  deadline?: number,
  about?: Readonly<Record<string, string>>,
): Scope {
  const until = deadline ?? performance.now() + REQUEST_TIMEOUT_MS;
  return scopeOf(service, requestId, continueTrace(traceparent), until, about);
}

/** A scope that belongs to an existing trace. Its logger and its signal are created when they are first used. */
export function scopeOf(
  service: string,
  requestId: string,
  trace: Trace,
  deadline: number,
  about?: Readonly<Record<string, string>>,
): Scope {
  let log: Logger | undefined;
  let ended: AbortController | undefined;
  const ending = () => {
    ended ??= new AbortController();
    return ended;
  };
  return {
    ...trace,
    service,
    requestId,
    deadline,
    get signal() {
      return ending().signal;
    },
    abandon: (reason) => ending().abort(reason),
    get log() {
      log ??= serviceLog(service).child({
        trace_id: trace.traceId,
        span_id: spanIdOf(trace.traceparent),
        request_id: requestId,
        ...about,
      });
      return log;
    },
  };
}
