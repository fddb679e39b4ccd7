// What the API answers to GET requests, by path.

import { Problem } from "../../lib/http/problem.ts";
import { ROUTES, type Session } from "./api.ts";
import type { Collector } from "./collector.ts";
import { METRICS } from "./collector-metrics.ts";
import type { OrderQuery } from "./orders/contract.ts";
import { patternOf, type Read } from "./panel-routes.ts";
import {
  findLogs,
  findTraces,
  firstPoint,
  hasPoints,
  metricNames,
  metricSeries,
  traceDetail,
} from "./queries.ts";
import { type FilterNames, filtersOf, numeric, whole } from "./sql-filter.ts";
import type { LogQuery, MetricQuery, TraceQuery } from "./telemetry-contract.ts";

export type Answers = (path: string, query: URLSearchParams) => object | Promise<object>;

const TRACE_FILTERS: FilterNames<TraceQuery> = {
  service: "once",
  name: "once",
  error: "once",
  min_ms: "once",
  max_ms: "once",
  since: "once",
  until: "once",
  attribute: "repeated",
  limit: "once",
  cursor: "once",
};
const LOG_FILTERS: FilterNames<LogQuery> = {
  service: "once",
  level: "once",
  text: "once",
  trace_id: "once",
  since: "once",
  until: "once",
  limit: "once",
  cursor: "once",
};
const METRIC_FILTERS: FilterNames<MetricQuery> = {
  last_ms: "once",
  since: "once",
  until: "once",
  step_ms: "once",
};
const ORDER_FILTERS: FilterNames<OrderQuery> = {
  user: "once",
  status: "once",
  since: "once",
  until: "once",
  limit: "once",
  cursor: "once",
};

const HOUR_MS = 3_600_000;
const STEP_MS = 5_000;
/** Of a plot whose values have just begun. */
const LEAST_MS = 60_000;

/** `reads`: what panels add, by path. */
export function answersOf(
  collector: Collector,
  session: () => Session,
  reads: ReadonlyMap<string, Read>,
): Answers {
  const { history } = collector;
  const all: readonly [
    route: string,
    answer: (query: URLSearchParams, parameter: string) => object | Promise<object>,
  ][] = [
    [ROUTES.session, session],
    [ROUTES.map, () => collector.map()],
    [
      ROUTES.traces,
      (query) => findTraces(history, filtersOf(query, TRACE_FILTERS), query.getAll("attribute")),
    ],
    [ROUTES.trace, (_, id) => traceDetail(history, id.toLowerCase()) ?? notFound("This trace")],
    [ROUTES.logs, (query) => findLogs(history, filtersOf(query, LOG_FILTERS))],
    [ROUTES.metric_names, () => ({ items: names(metricNames(history)) })],
    [ROUTES.metric, (query, name) => series(collector, name, query)],
    [ROUTES.outbox, () => collector.outbox()],
    [ROUTES.promises, () => collector.promises()],
    [ROUTES.orders, (query) => collector.orders.find(filtersOf(query, ORDER_FILTERS))],
    [ROUTES.order, async (_, id) => (await collector.orders.detail(id)) ?? notFound("This order")],
    [ROUTES.history, () => collector.historyView()],
    ...reads,
  ];
  const routes = all.map(([route, answer]) => ({
    pattern: patternOf(route),
    answer,
  }));
  return (path, query) => {
    for (const { pattern, answer } of routes) {
      const found = pattern.exec(path);
      if (found !== null) return answer(query, decoded(found[1] ?? ""));
    }
    return notFound("This path");
  };
}

function decoded(parameter: string): string {
  try {
    return decodeURIComponent(parameter);
  } catch {
    return parameter;
  }
}

const notFound = (what: string): never => {
  throw new Problem(404, "not_found", `${what} is not known here.`);
};

const names = (found: readonly string[]) =>
  found.map((name) => METRICS.find((metric) => metric.name === name) ?? { name, unit: "", help: "" });

/** By `last_ms` or `since`; without them since its values begin, at most an hour. */
function series({ history }: Collector, name: string, query: URLSearchParams): object {
  const given = filtersOf(query, METRIC_FILTERS);
  const until = whole("until", given.until, Date.now(), Number.MAX_SAFE_INTEGER);
  const last = numeric("last_ms", given.last_ms)?.[0];
  const begin = last === undefined ? numeric("since", given.since)?.[0] : until - last;
  const step_ms = whole("step_ms", given.step_ms, STEP_MS, HOUR_MS);
  const first = firstPoint(history, name, begin ?? until - HOUR_MS);
  if (first === undefined && !hasPoints(history, name)) throw notFound("This metric");
  const since = begin ?? Math.min(first ?? until, until - LEAST_MS);
  const found = metricSeries(history, name, { since, until, step_ms });
  return { ...found, unit: METRICS.find((metric) => metric.name === name)?.unit ?? "" };
}
