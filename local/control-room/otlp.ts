// Reads OTLP/HTTP's JSON encoding, whoever sent it (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): names in
// camelCase, ids in hex, 64-bit integers as texts or numbers. What is unknown is ignored, what is malformed is counted.

import { isRecord, listOf, type Point, type ReceivedLine, type Span, textOf } from "./spans.ts";
import type { Level, SpanView } from "./telemetry-contract.ts";

export interface Decoded<T> {
  readonly items: readonly T[];
  /** Number of entries that could not be read. */
  readonly malformed: number;
}

type Value = string | number | boolean;

/** `Span.SpanKind` of trace.proto. */
const KINDS: readonly SpanView["kind"][] = [
  "internal",
  "internal",
  "server",
  "client",
  "producer",
  "consumer",
];
/** `Status.StatusCode` of trace.proto. */
const STATUS_ERROR = [2, "STATUS_CODE_ERROR"];
/** Of an attribute's value. */
const LONGEST = 2_000;
const MOST_ATTRIBUTES = 64;
const LONGEST_NAME = 200;

/** The spans of an `ExportTraceServiceRequest`. */
export const decodeSpans = (request: unknown): Decoded<Span> =>
  decode(request, "resourceSpans", "scopeSpans", "spans", spanOf);

/** The lines of an `ExportLogsServiceRequest`. */
export const decodeLogs = (request: unknown): Decoded<ReceivedLine> =>
  decode(request, "resourceLogs", "scopeLogs", "logRecords", lineOf);

/** The points of gauges and sums of an `ExportMetricsServiceRequest`; of histograms their count and sum. */
export function decodeMetrics(request: unknown): Decoded<Point> {
  const metrics = decode(request, "resourceMetrics", "scopeMetrics", "metrics", pointsOf);
  const points = metrics.items.flat();
  const items = points.filter((point) => point !== undefined);
  return { items, malformed: metrics.malformed + points.length - items.length };
}

interface Resource {
  readonly service: string;
  readonly instance: string | null;
}

function decode<T>(
  request: unknown,
  resources: string,
  scopes: string,
  entries: string,
  read: (entry: Readonly<Record<string, unknown>>, resource: Resource) => T | undefined,
): Decoded<T> {
  const items: T[] = [];
  let malformed = 0;
  const groups = isRecord(request) ? listOf(request[resources]) : [];
  for (const group of groups.filter(isRecord)) {
    const resource = resourceOf(group["resource"]);
    for (const scope of listOf(group[scopes]).filter(isRecord)) {
      for (const entry of listOf(scope[entries])) {
        const item = isRecord(entry) ? read(entry, resource) : undefined;
        if (item === undefined) malformed += 1;
        else items.push(item);
      }
    }
  }
  return { items, malformed };
}

function resourceOf(resource: unknown): Resource {
  const attributes = attributesOf(isRecord(resource) ? resource["attributes"] : []);
  const instance = attributes["service.instance.id"];
  return {
    service: nameOf(attributes["service.name"]) || "unknown_service",
    instance: instance === undefined ? null : nameOf(instance),
  };
}

/** The name of a service or an instance, in one line, as those of this system are. */
const nameOf = (value: Value = ""): string =>
  String(value)
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, LONGEST_NAME);

function spanOf(entry: Readonly<Record<string, unknown>>, { service, instance }: Resource): Span | undefined {
  const trace_id = hexId(entry["traceId"], 32);
  const span_id = hexId(entry["spanId"], 16);
  const started_at = milliseconds(entry["startTimeUnixNano"]);
  const ended_at = milliseconds(entry["endTimeUnixNano"]);
  if (trace_id === undefined || span_id === undefined || started_at === undefined || ended_at === undefined)
    return undefined;
  const status = entry["status"];
  return {
    trace_id,
    span_id,
    parent_span_id: hexId(entry["parentSpanId"], 16) ?? null,
    service,
    instance,
    name: textOf(entry["name"], LONGEST_NAME) ?? "",
    kind: kindOf(entry["kind"]),
    started_at,
    duration_ms: Math.max(0, ended_at - started_at),
    failed: isRecord(status) && STATUS_ERROR.some((code) => code === status["code"]),
    attributes: attributesOf(entry["attributes"]),
  };
}

/** An enumeration's value may be sent by its number or by its name. */
function kindOf(kind: unknown): SpanView["kind"] {
  if (typeof kind === "number") return KINDS[kind] ?? "internal";
  const name = typeof kind === "string" ? kind.replace("SPAN_KIND_", "").toLowerCase() : "";
  return KINDS.find((known) => known === name) ?? "internal";
}

/** `SeverityNumber` of logs.proto, four of each level; where it is not said, what the sender calls it. */
function levelOf(severity: unknown, called: unknown): Level {
  const number = Number(severity);
  if (!(number > 0)) return CALLED.find(([, names]) => names.test(textOf(called) ?? ""))?.[0] ?? "info";
  if (number >= 17) return "error";
  if (number >= 13) return "warn";
  return number >= 9 ? "info" : "debug";
}

const CALLED: readonly (readonly [Level, RegExp])[] = [
  ["error", /^(err|fatal|crit|alert|emerg|severe|panic)/i],
  ["warn", /^warn/i],
  ["debug", /^(debug|trace|verbose|fine)/i],
];

function lineOf(
  entry: Readonly<Record<string, unknown>>,
  { service, instance }: Resource,
): ReceivedLine | undefined {
  const at = milliseconds(entry["timeUnixNano"]) || milliseconds(entry["observedTimeUnixNano"]);
  if (at === undefined) return undefined;
  const body = anyValueOf(entry["body"]);
  return {
    at,
    service,
    instance,
    level: levelOf(entry["severityNumber"], entry["severityText"]),
    message: body === undefined ? "" : String(body),
    trace_id: hexId(entry["traceId"], 32) ?? null,
    span_id: hexId(entry["spanId"], 16) ?? null,
    fields: attributesOf(entry["attributes"]),
  };
}

/** Undefined for those that could not be read, such as a value that is no number. */
function pointsOf(
  metric: Readonly<Record<string, unknown>>,
  { service }: Resource,
): (Point | undefined)[] | undefined {
  const name = textOf(metric["name"], LONGEST_NAME);
  // A name of dots is no part of a path.
  if (name === undefined || /^\.*$/.test(name)) return undefined;
  const points: (Point | undefined)[] = [];
  for (const kind of ["gauge", "sum", "histogram"]) {
    const data = metric[kind];
    for (const point of isRecord(data) ? listOf(data["dataPoints"]).filter(isRecord) : []) {
      const at = milliseconds(point["timeUnixNano"]);
      if (at === undefined) {
        points.push(undefined);
        continue;
      }
      const labels = { service, ...texts(attributesOf(point["attributes"])) };
      const add = (suffix: string, value: unknown) => {
        if (value === undefined) return;
        const number = Number(value);
        points.push(Number.isFinite(number) ? { at, name: name + suffix, labels, value: number } : undefined);
      };
      add("", point["asDouble"] ?? point["asInt"]);
      add("_count", point["count"]);
      add("_sum", point["sum"]);
    }
  }
  return points;
}

const texts = (attributes: Readonly<Record<string, Value>>): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));

function attributesOf(list: unknown): Record<string, Value> {
  const attributes: Record<string, Value> = {};
  for (const pair of listOf(list).slice(0, MOST_ATTRIBUTES).filter(isRecord)) {
    const key = textOf(pair["key"], LONGEST_NAME);
    const value = anyValueOf(pair["value"]);
    if (key !== undefined && value !== undefined) attributes[key] = value;
  }
  return attributes;
}

/** An `AnyValue`; lists and maps as their JSON. */
function anyValueOf(value: unknown): Value | undefined {
  if (!isRecord(value)) return undefined;
  const { stringValue, boolValue, intValue, doubleValue } = value;
  if (typeof stringValue === "string") return stringValue.slice(0, LONGEST);
  if (typeof boolValue === "boolean") return boolValue;
  if (intValue !== undefined) return Number(intValue);
  if (typeof doubleValue === "number") return doubleValue;
  try {
    return JSON.stringify(plainOf(value))?.slice(0, LONGEST);
  } catch {
    // Read to any depth, but not written again to any.
    return "(too deeply nested)";
  }
}

/** What an `AnyValue` is in JSON. */
function plainOf(value: unknown): unknown {
  if (!isRecord(value)) return null;
  const { arrayValue, kvlistValue, intValue } = value;
  if (isRecord(arrayValue)) return listOf(arrayValue["values"]).map(plainOf);
  if (isRecord(kvlistValue))
    return Object.fromEntries(
      listOf(kvlistValue["values"])
        .filter(isRecord)
        .map((pair) => [String(pair["key"]), plainOf(pair["value"])]),
    );
  return intValue === undefined ? Object.values(value)[0] : Number(intValue);
}

const NOTHING = /^0*$/;

/** An id of `length` hex digits, in lower case; undefined for one of zeros, which means none. */
function hexId(id: unknown, length: number): string | undefined {
  if (typeof id !== "string" || id.length !== length || !/^[\da-f]+$/i.test(id)) return undefined;
  return NOTHING.test(id) ? undefined : id.toLowerCase();
}

/** Milliseconds with fractions of a number of nanoseconds; a double would lose the last digits of the whole number. */
function milliseconds(nanoseconds: unknown): number | undefined {
  const text = typeof nanoseconds === "number" ? String(nanoseconds) : nanoseconds;
  if (typeof text !== "string" || !/^\d{1,20}$/.test(text)) return undefined;
  return Number(BigInt(text) / 1_000n) / 1_000;
}
