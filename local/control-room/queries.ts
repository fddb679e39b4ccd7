// Questions to the history. Each reads a bounded number of rows; a list that had to stop goes on at its cursor.

import type { Page } from "./api.ts";
import type { History } from "./history.ts";
import { LEVELS, numberOf, numberOrNull, textOrNull } from "./history-rows.ts";
import { isRecord } from "./spans.ts";
import {
  anyText,
  conditions,
  cursorAt,
  cursorOf,
  type Filters,
  numeric,
  oneOf,
  refused,
  whereOf,
  whole,
} from "./sql-filter.ts";
import type {
  LogLine,
  LogQuery,
  MetricSeries,
  SpanView,
  TraceDetail,
  TraceQuery,
  TraceSummary,
} from "./telemetry-contract.ts";
import { keptSubject, SUBJECTS } from "./trace-parts.ts";

type Row = Readonly<Record<string, unknown>>;

const TRACE_SPANS = 2_000;
/** Traces or lines that one request looks at. */
const LOOKED_AT = 5_000;
const MOST_POINTS = 2_000;
const MOST_SERIES = 50;
const YES_OR_NO = ["true", "false"];

/** Filters of a trace's own row are SQL's; those of its spans are looked up for each. */
export function findTraces(
  history: History,
  query: Filters<TraceQuery>,
  given: readonly string[],
): Page<TraceSummary> {
  const attributes = given.filter((text) => text !== "");
  const limit = whole("limit", query.limit, 50, 200);
  const { where, values } = conditions([
    ["(started_at, trace_id) < (?, ?)", cursorOf(query.cursor)],
    ["started_at < ?", numeric("until", query.until)],
    ["started_at >= ?", numeric("since", query.since)],
    ["errors > 0", oneOf("error", query.error, YES_OR_NO) === "true" ? [] : undefined],
    ["ended_at - started_at >= ?", numeric("min_ms", query.min_ms)],
    ["ended_at - started_at <= ?", numeric("max_ms", query.max_ms)],
    ["instr(services, ?) > 0", anyText(query.service && `\n${query.service}\n`)],
  ]);
  const subject = attributes.map(pairOf).find(([name]) => SUBJECTS.includes(name));
  if (subject !== undefined) {
    where.push("trace_id IN (SELECT trace_id FROM subjects WHERE subject = ?)");
    values.push(keptSubject(subject[1]));
  }
  const rows = history.db
    .prepare(
      `SELECT * FROM traces ${whereOf(where)} ORDER BY started_at DESC, trace_id DESC LIMIT ${LOOKED_AT}`,
    )
    .iterate(...values);
  const matches = spanFilter(history, query.name, attributes);
  const items: TraceSummary[] = [];
  let looked = 0;
  let last: string | null = null;
  for (const row of rows) {
    const trace = traceOf(row);
    looked += 1;
    last = cursorAt(trace.started_at, trace.trace_id);
    if (matches(trace.trace_id)) items.push(trace);
    if (items.length === limit) break;
  }
  const more = items.length === limit || looked === LOOKED_AT;
  return { items, next_cursor: more ? last : null };
}

/** Traces by their ids, in no order. */
export function tracesOf(history: History, ids: readonly string[]): readonly TraceSummary[] {
  const one = history.db.prepare("SELECT * FROM traces WHERE trace_id = ?");
  return ids.flatMap((id) => {
    const row = one.get(id);
    return row === undefined ? [] : [traceOf(row)];
  });
}

export function traceDetail(history: History, traceId: string): TraceDetail | undefined {
  const rows = history.db
    .prepare(`SELECT * FROM spans WHERE trace_id = ? ORDER BY started_at LIMIT ${TRACE_SPANS + 1}`)
    .all(traceId);
  if (rows.length === 0) return undefined;
  const spans = rows.slice(0, TRACE_SPANS).map(spanOf);
  return { trace_id: traceId, spans, truncated: rows.length > TRACE_SPANS };
}

export function findLogs(history: History, query: Filters<LogQuery>): Page<LogLine> {
  const limit = whole("limit", query.limit, 100, 1_000);
  const levels: readonly string[] = LEVELS;
  const level = levels.indexOf(oneOf("level", query.level, LEVELS) ?? "");
  const { where, values } = conditions([
    ["id < ?", numeric("cursor", query.cursor)],
    ["at >= ?", numeric("since", query.since)],
    ["at < ?", numeric("until", query.until)],
    ["service = ?", anyText(query.service)],
    ["level >= ?", level > 0 ? [level] : undefined],
    ["trace_id = ?", anyText(query.trace_id)],
  ]);
  const wanted = query.text?.toLowerCase();
  const rows = history.db
    .prepare(`SELECT * FROM logs ${whereOf(where)} ORDER BY id DESC LIMIT ${LOOKED_AT}`)
    .iterate(...values);
  const items: LogLine[] = [];
  let looked = 0;
  let last: number | undefined;
  for (const row of rows) {
    looked += 1;
    last = numberOf(row["id"]);
    const searched =
      wanted === undefined ? "" : `${text(row["message"])} ${text(row["fields"])}`.toLowerCase();
    if (wanted === undefined || searched.includes(wanted)) items.push(lineOf(row));
    if (items.length === limit) break;
  }
  const more = last !== undefined && (items.length === limit || looked === LOOKED_AT);
  return { items, next_cursor: more ? String(last) : null };
}

/** Names of all metrics with points. */
export const metricNames = (history: History): readonly string[] =>
  history.db
    // Skips from name to name along the index.
    .prepare(
      `WITH RECURSIVE names(name) AS (SELECT min(name) FROM points UNION ALL
       SELECT (SELECT min(name) FROM points WHERE points.name > names.name) FROM names WHERE names.name IS NOT NULL)
       SELECT name FROM names WHERE name IS NOT NULL LIMIT 500`,
    )
    .all()
    .map((row) => text(row["name"]));

/** When the first point since a time was taken; undefined: there is none. */
export function firstPoint(history: History, name: string, since: number): number | undefined {
  const row = history.db
    .prepare("SELECT min(at) AS at FROM points WHERE name = ? AND at >= ?")
    .get(name, since);
  return typeof row?.["at"] === "number" ? row["at"] : undefined;
}

export const hasPoints = (history: History, name: string): boolean =>
  history.db.prepare("SELECT 1 FROM points WHERE name = ? LIMIT 1").get(name) !== undefined;

/** The mean of each step's points. */
export function metricSeries(
  history: History,
  name: string,
  { since, until, step_ms }: { readonly since: number; readonly until: number; readonly step_ms: number },
): Omit<MetricSeries, "unit"> {
  const step = Math.max(step_ms, Math.ceil((until - since) / MOST_POINTS));
  const first = Math.floor(since / step);
  const count = Math.max(0, Math.min(MOST_POINTS + 1, Math.floor(until / step) - first + 1));
  const rows = history.db
    .prepare(
      `SELECT CAST(at / ? AS INTEGER) AS step, labels, avg(value) AS value FROM points
       WHERE name = ? AND at >= ? AND at <= ? GROUP BY 1, 2`,
    )
    .iterate(step, name, since, until);
  const series = new Map<string, (number | null)[]>();
  for (const row of rows) {
    const labels = text(row["labels"]);
    let values = series.get(labels);
    if (values === undefined) {
      if (series.size >= MOST_SERIES) continue;
      values = new Array<number | null>(count).fill(null);
      series.set(labels, values);
    }
    const index = numberOf(row["step"]) - first;
    if (index >= 0 && index < count) values[index] = numberOf(row["value"]);
  }
  return {
    name,
    step_ms: step,
    at: Array.from({ length: count }, (_, index) => (first + index) * step),
    series: [...series].map(([labels, values]) => ({ labels: textsOf(labels), values })),
  };
}

/** Whether a trace has a span with the name, and for each attribute one that has it. */
function spanFilter(
  history: History,
  name: string | undefined,
  attributes: readonly string[],
): (traceId: string) => boolean {
  const named = history.db.prepare(
    "SELECT 1 FROM spans WHERE trace_id = ? AND instr(lower(name), lower(?)) > 0",
  );
  const having = history.db.prepare(
    `SELECT 1 FROM spans, json_each(spans.attributes) AS a WHERE trace_id = ? AND a.key = ?
     AND (a.value = ? OR iif(a.type IN ('true', 'false'), a.type, CAST(a.value AS TEXT)) = ?)`,
  );
  const pairs = attributes.map(pairOf);
  return (traceId) =>
    (name === undefined || named.get(traceId, name) !== undefined) &&
    pairs.every(([key, value]) => having.get(traceId, key, numberIn(value), value) !== undefined);
}

/** SQLite writes numbers as texts that JavaScript has not. */
const numberIn = (value: string): number | null => (value.trim() === "" ? null : numberOrNull(Number(value)));

function pairOf(attribute: string): readonly [name: string, value: string] {
  const at = attribute.indexOf("=");
  if (at < 1) throw refused("attribute", "is a name and a value, with = between");
  return [attribute.slice(0, at), attribute.slice(at + 1)];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function parsed(json: unknown): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text(json) || "{}");
  return isRecord(value) ? value : {};
}

const textsOf = (json: string): Record<string, string> =>
  Object.fromEntries(Object.entries(parsed(json)).map(([name, value]) => [name, String(value)]));

const traceOf = (row: Row): TraceSummary => ({
  trace_id: text(row["trace_id"]),
  started_at: numberOf(row["started_at"]),
  duration_ms: numberOf(row["ended_at"]) - numberOf(row["started_at"]),
  root_service: text(row["root_service"]),
  root_name: text(row["root_name"]),
  services: text(row["services"]).trim().split("\n"),
  spans: numberOf(row["spans"]),
  errors: numberOf(row["errors"]),
});

const KINDS: readonly SpanView["kind"][] = ["internal", "server", "client", "producer", "consumer"];

const spanOf = (row: Row): SpanView => ({
  trace_id: text(row["trace_id"]),
  span_id: text(row["span_id"]),
  parent_span_id: textOrNull(row["parent_span_id"]),
  service: text(row["service"]),
  instance: textOrNull(row["instance"]),
  name: text(row["name"]),
  kind: KINDS.find((kind) => kind === row["kind"]) ?? "internal",
  started_at: numberOf(row["started_at"]),
  duration_ms: numberOf(row["duration_ms"]),
  failed: row["failed"] === 1,
  attributes: attributesOf(parsed(row["attributes"])),
});

const attributesOf = (record: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean"
        ? [[name, value]]
        : [],
    ),
  );

const lineOf = (row: Row): LogLine => ({
  id: numberOf(row["id"]),
  at: numberOf(row["at"]),
  service: text(row["service"]),
  instance: textOrNull(row["instance"]),
  level: LEVELS[numberOf(row["level"])] ?? "info",
  message: text(row["message"]),
  trace_id: textOrNull(row["trace_id"]),
  span_id: textOrNull(row["span_id"]),
  fields: parsed(row["fields"]),
});
