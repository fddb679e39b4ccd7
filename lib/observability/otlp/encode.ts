// Spans in OTLP's JSON encoding (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding; opentelemetry-proto,
// trace/v1/trace.proto): ids in hex, times as decimal texts in nanoseconds.

import type { Attributes, RecordedSpan, SpanKind } from "../span.ts";

/** `Span.SpanKind` of trace.proto. */
const KINDS: Readonly<Record<SpanKind, number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};

/** `Status.StatusCode` of trace.proto. */
const STATUS_ERROR = 2;

/** An `ExportTraceServiceRequest` with `spans`, those of each service under its own resource; `process` are attributes of all. */
export function traceRequest(spans: readonly RecordedSpan[], process: Attributes): object {
  const byService = Map.groupBy(spans, ({ service }) => service);
  const resourceSpans = [...byService].map(([service, own]) => ({
    resource: { attributes: keyValues({ "service.name": service, ...process }) },
    scopeSpans: [{ scope: { name: "cfmp-order" }, spans: own.map(toSpan) }],
  }));
  return { resourceSpans };
}

const toSpan = (span: RecordedSpan): object => ({
  traceId: span.traceId,
  spanId: span.spanId,
  ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
  name: span.name,
  kind: KINDS[span.kind],
  startTimeUnixNano: nanoseconds(span.startMs),
  endTimeUnixNano: nanoseconds(span.endMs),
  attributes: keyValues(span.attributes),
  ...(span.failed ? { status: { code: STATUS_ERROR } } : {}),
});

/** A double has 53 bits, too few for nanoseconds since 1970: microseconds fit, and are what the clock has. */
const nanoseconds = (epochMs: number): string => `${Math.round(epochMs * 1_000)}000`;

const keyValues = (attributes: Attributes): object[] =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );

function anyValue(value: string | number | boolean): object {
  // Half a character would make the whole batch unreadable for some receivers.
  if (typeof value === "string") return { stringValue: value.toWellFormed() };
  if (typeof value === "boolean") return { boolValue: value };
  // 64-bit integers are texts in protobuf's JSON.
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
