// W3C Trace Context (https://www.w3.org/TR/trace-context/): reads `traceparent`, or starts a trace.

import { randomFillSync } from "node:crypto";

/** Of any version: a later one may have more behind it. What stands twice, which is joined by a comma, is none. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[^,]*)?$/;
/** No id (3.2.2.3 and 3.2.2.4). */
const ZEROS = /^0+$/;

export interface Trace {
  /** 32 hex digits; the same in every service that the request passes through. */
  readonly traceId: string;
  /** `traceparent` to send to peers and back to the caller. */
  readonly traceparent: string;
}

/** What a `traceparent` names. */
export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Two hex digits. */
  readonly flags: string;
}

/** Reads a `traceparent`; undefined when it is missing or malformed. One of a later version is read as far as it is like this one (3.2.4). */
export function spanContextOf(header: string | undefined): SpanContext | undefined {
  const [, version, traceId, spanId, flags, more] =
    (header === undefined ? null : TRACEPARENT.exec(header)) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { traceId, spanId, flags: knownFlags(flags) };
}

/** Sampled, and that the id is random: the other flags mean nothing yet, and are sent on as zeros. */
const KNOWN_FLAGS = 3;

const knownFlags = (flags: string): string =>
  // Most are one of these two.
  flags === "01" || flags === "00" ? flags : `0${Number.parseInt(flags, 16) & KNOWN_FLAGS}`;

export const newTraceId = (): string => randomHex(16);

/** A new span of the trace `traceId`. */
export const spanIn = (traceId: string, flags: string): SpanContext => ({
  traceId,
  spanId: randomHex(8),
  flags,
});

/** A new span in the trace of `parent`. */
export const childOf = ({ traceId, flags }: SpanContext): SpanContext => spanIn(traceId, flags);

/** The first span of a trace, to be recorded. */
export const newTrace = (): SpanContext => spanIn(newTraceId(), "01");

/** The `traceparent` that names a span. */
export const traceparentOf = ({ traceId, spanId, flags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${flags}`;

/** Whether the caller wants its trace recorded (W3C Trace Context, 3.2.2.5.1, sampled flag). */
export const isSampled = ({ flags }: Pick<SpanContext, "flags">): boolean =>
  // Most are one of these two.
  flags === "01" || (flags !== "00" && (Number.parseInt(flags, 16) & 1) === 1);

/** The same of the trace that a valid `traceparent` names. */
export const isSampledTrace = (traceparent: string): boolean => isSampled({ flags: traceparent.slice(53) });

/** Continues the trace of an incoming `traceparent` with a new span; starts a new trace when it is missing or malformed. */
export function continueTrace(header: string | undefined): Trace {
  const parent = spanContextOf(header);
  const child = parent === undefined ? newTrace() : childOf(parent);
  return { traceId: child.traceId, traceparent: traceparentOf(child) };
}

/** The trace that a `traceparent` of {@link continueTrace} names, without a new span. */
export const traceOf = (traceparent: string): Trace => ({ traceId: traceparent.slice(3, 35), traceparent });

/** The span that a valid `traceparent` names. */
export const spanIdOf = (traceparent: string): string => traceparent.slice(36, 52);

/**
 * What a line of a log says of the span that a valid `traceparent` names, by OpenTelemetry's names. Of a trace that is not recorded it names
 * no span, as there is none (https://opentelemetry.io/docs/specs/otel/logs/data-model/#trace-context-fields).
 */
export function traceFields(traceparent: string): Readonly<Record<string, string>> {
  const trace_id = traceparent.slice(3, 35);
  return isSampledTrace(traceparent) ? { trace_id, span_id: spanIdOf(traceparent) } : { trace_id };
}

const pool = Buffer.alloc(8_192);
let used = pool.length;

/** `bytes` random bytes as hex. Drawn from the system in blocks: one draw costs more than all else in a trace. */
function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString("hex", used - bytes, used);
}
