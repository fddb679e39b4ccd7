// A request while it is answered: a span where its trace is recorded, and counted in any case.

import {
  type Attributes,
  type Begun,
  beginSpan,
  epochNow,
  errorType,
  type RecordedSpan,
  type Span,
} from "./span.ts";
import { spanIdOf, traceOf } from "./trace.ts";
import { OUTSIDE, type ServedRequest, traffic } from "./traffic.ts";

/** How a request was answered. */
export interface RequestEnd {
  /** Undefined: the caller was gone before there was one. */
  readonly status: number | undefined;
  /** By which code it has failed; undefined: it has not, though it may have been refused. */
  readonly failure: string | undefined;
  /** It is not the call of a service of this system, which counts it itself. */
  readonly outside: boolean;
}

/** What can be said of a request: asked only where it is recorded, or acknowledges something. */
export interface Subject {
  /** What is known of it from the beginning. */
  attributes(): Attributes;
  /** What is known of it at its end. */
  endAttributes(): Attributes;
  /** The id of the `kind` of thing that it is about, such as an `order`. */
  idOf(kind: string): string | undefined;
}

/**
 * Begins a request to `service` in the trace of `parent`, a `traceparent`. Undefined where nobody wants to know.
 * @param name its method and route.
 */
export function beginServing(
  service: string,
  name: string,
  parent: string | undefined,
  subject: Subject,
): RequestUnderWay | undefined {
  const begun = beginSpan(parent, () => ({
    service,
    name,
    kind: "server",
    attributes: subject.attributes(),
  }));
  return begun && new RequestUnderWay(service, name, begun, subject);
}

export class RequestUnderWay implements ServedRequest {
  readonly name: string;
  durationMs = 0;
  status = 0;
  readonly #service: string;
  readonly #begun: Begun;
  readonly #subject: Subject;
  readonly #begunMs = performance.now();
  #failure: string | undefined;
  #outside = false;

  constructor(service: string, name: string, begun: Begun, subject: Subject) {
    this.name = name;
    this.#service = service;
    this.#begun = begun;
    this.#subject = subject;
  }

  /** To be sent to those whose work is part of it. */
  get traceparent(): string {
    return this.#begun.traceparent;
  }

  get span(): Span | undefined {
    return this.#begun.span;
  }

  get isRecorded(): boolean {
    return this.#begun.span !== undefined;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  get namesCaller(): boolean {
    return this.#outside && this.#begun.span?.hasParent === true;
  }

  idOf(kind: string): string | undefined {
    return this.#subject.idOf(kind);
  }

  /** It was answered. */
  end({ status, failure, outside }: RequestEnd): void {
    this.durationMs = performance.now() - this.#begunMs;
    this.status = status ?? 0;
    this.#failure = failure;
    this.#outside = outside;
    const { span } = this.#begun;
    if (span !== undefined) {
      span.set(this.#endAttributes());
      if (failure !== undefined) span.fail(failure);
      // Whether the caller is a service of another language is known where its span arrives.
      if (this.namesCaller) span.set({ [OUTSIDE]: true });
      span.end();
    }
    traffic()?.served(this.#service, this, outside);
  }

  alone(): RecordedSpan {
    const { traceparent, parentSpanId } = this.#begun;
    const endMs = epochNow();
    const failure = this.#failure;
    return {
      service: this.#service,
      name: this.name,
      kind: "server",
      traceId: traceOf(traceparent).traceId,
      spanId: spanIdOf(traceparent),
      parentSpanId,
      startMs: endMs - this.durationMs,
      endMs,
      attributes: {
        ...this.#subject.attributes(),
        ...this.#endAttributes(),
        ...(failure === undefined ? {} : { "error.type": errorType(failure) }),
      },
      failed: this.failed,
    };
  }

  #endAttributes(): Attributes {
    return { ...this.#subject.endAttributes(), "http.response.status_code": this.status || undefined };
  }
}
