// The scope of a request: its trace, log and deadline, passed to every port.

import { type Logger, serviceLog } from "../observability/log.ts";
import { continueTrace, type Trace, traceFields } from "../observability/trace.ts";

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

/** A scope that belongs to an existing trace. */
export const scopeOf = (
  service: string,
  requestId: string,
  trace: Trace,
  deadline: number,
  about?: Readonly<Record<string, string>>,
): Scope => new OpenScope(service, requestId, trace, deadline, about);

/** Its logger and its signal are created when they are first used. */
class OpenScope implements Scope {
  readonly traceId: string;
  readonly traceparent: string;
  readonly service: string;
  readonly requestId: string;
  readonly deadline: number;
  readonly #about: Readonly<Record<string, string>> | undefined;
  #log: Logger | undefined;
  #ending: AbortController | undefined;

  constructor(
    service: string,
    requestId: string,
    { traceId, traceparent }: Trace,
    deadline: number,
    about: Readonly<Record<string, string>> | undefined,
  ) {
    this.traceId = traceId;
    this.traceparent = traceparent;
    this.service = service;
    this.requestId = requestId;
    this.deadline = deadline;
    this.#about = about;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abandon(reason: Error): void {
    this.#controller.abort(reason);
  }

  get log(): Logger {
    this.#log ??= serviceLog(this.service).child({
      ...traceFields(this.traceparent),
      request_id: this.requestId,
      ...this.#about,
    });
    return this.#log;
  }

  get #controller(): AbortController {
    this.#ending ??= new AbortController();
    return this.#ending;
  }
}
