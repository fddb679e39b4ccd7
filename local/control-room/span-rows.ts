// The spans of a runtime on their way to the collector: a line of JSON for each, an array, as these take a third of the work of OTLP's
// objects. Lines of logs, which go the same way, are objects.

import type { Attributes, RecordedSpan, SpanKind } from "../../lib/observability/span.ts";
import { isRecord, type Span, textOf } from "./spans.ts";

const KINDS: readonly SpanKind[] = ["internal", "server", "client", "producer", "consumer"];

export const isSpanRow = (line: string): boolean => line.startsWith("[");

/** The line of a span, with its end. Times are whole microseconds. */
export function rowOf(span: RecordedSpan): string {
  const started = Math.round(span.startMs * 1_000);
  const lasted = Math.round((span.endMs - span.startMs) * 1_000);
  const failed = span.failed ? 1 : 0;
  // Ids are hex digits, which need no escaping.
  return `["${span.traceId}","${span.spanId}","${span.parentSpanId ?? ""}",${quoted(span.service)},${quoted(span.name)},${KINDS.indexOf(span.kind)},${started},${lasted},${failed},${textOfAttributes(span.attributes)}]\n`;
}

/** The span of a line; undefined where it is none. */
export function spanOfRow(row: unknown, instance: string): Span | undefined {
  if (!Array.isArray(row)) return undefined;
  const [traceId, spanId, parentId, service, name, kind, started, lasted, failed, attributes]: unknown[] =
    row;
  const [trace_id, span_id] = [textOf(traceId, 32), textOf(spanId, 16)];
  const started_at = microseconds(started);
  const duration_ms = microseconds(lasted);
  const named = KINDS[Number(kind)];
  if (trace_id === undefined || span_id === undefined || named === undefined) return undefined;
  if (started_at === undefined || duration_ms === undefined || !isAttributes(attributes)) return undefined;
  return {
    trace_id,
    span_id,
    parent_span_id: textOf(parentId, 16) || null,
    service: textOf(service, 200) ?? "unknown_service",
    instance,
    name: textOf(name, 200) ?? "",
    kind: named,
    started_at,
    duration_ms,
    failed: failed === 1,
    attributes,
  };
}

/** Names of services, routes and tables are few, and the same again and again. */
const known = new Map<string, string>();
const MOST_KNOWN = 500;

function quoted(text: string): string {
  const before = known.get(text);
  if (before !== undefined) return before;
  const json = JSON.stringify(text);
  if (known.size < MOST_KNOWN) known.set(text, json);
  return json;
}

/** Those of requests to the database are made once for each operation and table. */
const shared = new WeakMap<Attributes, string>();

function textOfAttributes(attributes: Attributes): string {
  if (!Object.isFrozen(attributes)) return JSON.stringify(attributes);
  let text = shared.get(attributes);
  if (text === undefined) {
    text = JSON.stringify(attributes);
    shared.set(attributes, text);
  }
  return text;
}

const microseconds = (value: unknown): number | undefined =>
  typeof value === "number" && value >= 0 ? value / 1_000 : undefined;

const isAttributes = (value: unknown): value is Span["attributes"] =>
  isRecord(value) && Object.values(value).every((each) => typeof each !== "object");
