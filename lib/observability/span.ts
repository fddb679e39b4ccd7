// Spans: the parts of a trace, with their times. Nothing is recorded until a recorder is set (otlp/start.ts). The span that is
// under way belongs to the asynchronous context, so that a request to the database or to a peer finds the one it is part of.
// In a trace that is not sampled (W3C Trace Context) there are no spans, and it costs next to nothing.
// Names and attributes: https://opentelemetry.io/docs/specs/semconv/. Decision: docs/decisions/027-telemetry.md.

import { AsyncLocalStorage } from "node:async_hooks";
import {
  childOf,
  isSampled,
  newTraceId,
  type SpanContext,
  spanContextOf,
  spanIn,
  traceparentOf,
} from "./trace.ts";

export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer";

/** Values of attributes; never names, addresses, tokens or texts that people wrote. Undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** A span that has ended. */
export interface RecordedSpan {
  /** The service whose work it is. */
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Epoch milliseconds with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly failed: boolean;
}

/** Takes the spans of this process. */
export interface SpanRecorder {
  /**
   * Whether a trace is recorded. `caller`: what the caller says of it; undefined where it begins here. Without this function it is as
   * the caller says, and those that begin here are all recorded.
   */
  samples?(traceId: string, caller: boolean | undefined): boolean;
  /** Must neither throw nor take long. */
  record(span: RecordedSpan): void;
  /** Resolves when what was recorded is sent or given up, within a bounded time. Never rejects. */
  flush(): Promise<void>;
  /** {@link SpanRecorder.flush} at the end of the process: what could not be sent is counted as lost. */
  close?(): Promise<void>;
}

export interface SpanStart {
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes?: Attributes;
}

/** A span below one of its own service. */
export type ChildStart = Omit<SpanStart, "service">;

/** Where work is in its trace. */
export interface Begun {
  /** To be sent to those whose work is part of it. */
  readonly traceparent: string;
  /** The caller's span; undefined where the trace begins here. */
  readonly parentSpanId: string | undefined;
  /** Undefined where the trace is not recorded. */
  readonly span: Span | undefined;
}

declare global {
  // Global, because the runtime's plugin and the handlers may be loaded by different module loaders.
  var cfmpOrderSpanRecorder: SpanRecorder | undefined;
}

const active = new AsyncLocalStorage<Span | undefined>();

/** Sets who takes spans; with `undefined` none are made any more. */
export function setSpanRecorder(next: SpanRecorder | undefined): void {
  globalThis.cfmpOrderSpanRecorder = next;
}

/** The recorder that is set. */
export const spanRecorder = (): SpanRecorder | undefined => globalThis.cfmpOrderSpanRecorder;

/** The span that is under way here; undefined where there is none. */
export function activeSpan(): Span | undefined {
  if (spanRecorder() === undefined) return undefined;
  const span = active.getStore();
  // Work that goes on after the reply, such as a timer, belongs to no request.
  return span?.ended === true ? undefined : span;
}

/**
 * Begins work of its own in the trace of `parent`, a `traceparent`; without one a trace begins. It has a span where the recorder records that
 * trace. Undefined where there is no recorder.
 */
export function beginSpan(parent: string | undefined, start: () => SpanStart): Begun | undefined {
  const recorder = spanRecorder();
  if (recorder === undefined) return undefined;
  const above = spanContextOf(parent);
  const parentSpanId = above?.spanId;
  const context = contextBelow(above, recorder);
  const span = isSampled(context) ? new Span(start(), context, parentSpanId, recorder) : undefined;
  return { traceparent: traceparentOf(context), parentSpanId, span };
}

function contextBelow(above: SpanContext | undefined, recorder: SpanRecorder): SpanContext {
  const traceId = above?.traceId ?? newTraceId();
  const caller = above && isSampled(above);
  const samples = recorder.samples?.(traceId, caller) ?? caller ?? true;
  // Other flags than this one are the caller's to set.
  const flags = above !== undefined && samples === caller ? above.flags : samples ? "01" : "00";
  return spanIn(traceId, flags);
}

/** `work` within `span`: what it begins is part of it. Without one, it is part of no other span either. */
export const inSpan = <T>(span: Span | undefined, work: () => T): T =>
  span === undefined && active.getStore() === undefined ? work() : active.run(span, work);

/** `work` as a part of the span that is under way: it fails when `work` does. Without such a span it is just `work`. */
export function asSpan<T>(start: () => ChildStart, work: (span: Span | undefined) => Promise<T>): Promise<T> {
  const parent = activeSpan();
  if (parent === undefined) return work(undefined);
  const span = parent.child(start());
  return inSpan(span, () => ending(span, work));
}

/** `work`, at whose end `span` ends; it fails when `work` does. */
export async function ending<T>(
  span: Span | undefined,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await work(span);
  } catch (error) {
    span?.fail(error);
    throw error;
  } finally {
    span?.end();
  }
}

/** A span that has begun. */
export class Span {
  readonly service: string;
  ended = false;
  isRefused = false;
  readonly #start: SpanStart;
  readonly #recorder: SpanRecorder;
  readonly #context: SpanContext;
  readonly #parentSpanId: string | undefined;
  readonly #startMs: number;
  #endMs = 0;
  #attributes: Attributes;
  /** False: the attributes may be other spans' as well. */
  #ownAttributes = false;
  #failed = false;

  /** @param parentSpanId undefined: it begins a trace. */
  constructor(
    start: SpanStart,
    context: SpanContext,
    parentSpanId: string | undefined,
    recorder: SpanRecorder,
  ) {
    this.#context = context;
    this.service = start.service;
    this.#start = start;
    this.#recorder = recorder;
    this.#parentSpanId = parentSpanId;
    this.#attributes = start.attributes ?? NONE;
    this.#startMs = epochNow();
  }

  /** To be sent to those whose work is part of it. */
  get traceparent(): string {
    return traceparentOf(this.#context);
  }

  /** A span of the same service below this one. */
  child(start: ChildStart): Span {
    const { spanId } = this.#context;
    return new Span({ ...start, service: this.service }, childOf(this.#context), spanId, this.#recorder);
  }

  get hasParent(): boolean {
    return this.#parentSpanId !== undefined;
  }

  get hasFailed(): boolean {
    return this.#failed;
  }

  /** Adds attributes, or replaces those of the same names. */
  set(attributes: Attributes): void {
    if (this.#ownAttributes) Object.assign(this.#attributes, attributes);
    else this.#attributes = { ...this.#attributes, ...attributes };
    this.#ownAttributes = true;
  }

  /** Marks it as failed, by the code or class of `error`: its text may hold what must not be sent. */
  fail(error: unknown): void {
    this.#failed = true;
    this.set({ "error.type": errorType(error) });
  }

  /** Marks it as failed, though what it called has answered: that the request is wrong. */
  refuse(error: unknown): void {
    this.fail(error);
    this.isRefused = true;
  }

  /** Once; later calls change nothing. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#endMs = Math.max(this.#startMs, epochNow());
    const { service, name, kind } = this.#start;
    this.#recorder.record({
      service,
      name,
      kind,
      traceId: this.#context.traceId,
      spanId: this.#context.spanId,
      parentSpanId: this.#parentSpanId,
      startMs: this.#startMs,
      endMs: this.#endMs,
      attributes: this.#attributes,
      failed: this.#failed,
    });
  }
}

const NONE: Attributes = Object.freeze({});

export function errorType(error: unknown): string {
  if (typeof error === "string") return error;
  if (typeof error !== "object" || error === null) return "_OTHER";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.constructor.name;
}

/** The time of day at which `performance.now()` was 0: it moves when the clock is set. */
let offset = performance.timeOrigin;
const CLOCK_SET_MS = 20;

/** Epoch milliseconds with fractions, so that spans of one process are in order; `Date.now()` has whole ones. */
export function epochNow(): number {
  const monotonic = performance.now();
  const difference = Date.now() - monotonic;
  if (Math.abs(difference - offset) > CLOCK_SET_MS) offset = difference;
  return offset + monotonic;
}
