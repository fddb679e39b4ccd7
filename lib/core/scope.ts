// What every request carries with it, down to the last port: its trace, its log, its deadline.

import { type Logger, serviceLog } from "../observability/log.ts";
import { continueTrace, type Trace } from "../observability/trace.ts";

/** Longest time a request may take when its caller does not say, in milliseconds. */
export const REQUEST_TIMEOUT_MS = 10_000;

export interface Scope extends Trace {
  readonly service: string;
  readonly requestId: string;
  /**
   * Monotonic milliseconds, by `performance.now()`; nothing is begun after it. Peers are told what is left of it: no two
   * machines' clocks agree, and one that is set must not end or prolong what is under way.
   */
  readonly deadline: number;
  /** Aborted when nobody waits for the result any more: the deadline is over, or the caller has hung up. */
  readonly signal: AbortSignal;
  /** Aborts the signal; reads that were given it reject with `reason`. */
  abandon(reason: Error): void;
  readonly log: Logger;
}

/** Opens a scope for work that no request began, such as a sweep; `about` goes into each of its log lines. */
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

/** A scope of a trace that has begun. Its logger and its signal are made when they are first needed. */
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
      log ??= serviceLog(service).child({ trace_id: trace.traceId, request_id: requestId, ...about });
      return log;
    },
  };
}
