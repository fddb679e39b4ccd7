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
  /** By which code it has failed; undefined: it has not, though it may have been refused. */
  readonly failure: string | undefined;
  /** It is not the call of a service of this system, which counts it itself. */
  readonly outside: boolean;
  /** What is known of it by now; asked only where it is recorded. */
  attributes(): Attributes;
}

/**
 * Begins a request to `service` in the trace of `parent`, a `traceparent`. Undefined where nobody wants to know.
 * @param name its method and route.
 * @param attributes what is known of it from the beginning; asked only where it is recorded.
 */
export function beginServing(
  service: string,
  name: string,
  parent: string | undefined,
  attributes: () => Attributes,
): RequestUnderWay | undefined {
  const begun = beginSpan(parent, () => ({ service, name, kind: "server", attributes: attributes() }));
  return begun && new RequestUnderWay(service, name, begun, attributes);
}

export class RequestUnderWay implements ServedRequest {
  readonly name: string;
  durationMs = 0;
  readonly #service: string;
  readonly #begun: Begun;
  readonly #attributes: () => Attributes;
  readonly #begunMs = performance.now();
  #end: RequestEnd | undefined;

  constructor(service: string, name: string, begun: Begun, attributes: () => Attributes) {
    this.name = name;
    this.#service = service;
    this.#begun = begun;
    this.#attributes = attributes;
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
    return this.#end?.failure !== undefined;
  }

  get namesCaller(): boolean {
    return this.#end?.outside === true && this.#begun.span?.hasParent === true;
  }

  /** It was answered. */
  end(end: RequestEnd): void {
    this.durationMs = performance.now() - this.#begunMs;
    this.#end = end;
    const { failure, outside } = end;
    const { span } = this.#begun;
    if (span !== undefined) {
      span.set(end.attributes());
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
    const failure = this.#end?.failure;
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
        ...this.#attributes(),
        ...this.#end?.attributes(),
        ...(failure === undefined ? {} : { "error.type": errorType(failure) }),
      },
      failed: failure !== undefined,
    };
  }
}
