// The contract of the control room's API between the collector and its page. Types and plain data only: the page's bundle and the
// server share it.
//
// - Base URL: http://127.0.0.1:<CONTROL_ROOM_PORT>. The page at `/` is of the same origin; other origins are refused (403).
// - Times are epoch milliseconds (of spans with fractions), names end in `_at`; durations are milliseconds, names end in `_ms`.
// - Lists are newest first. `next_cursor` is opaque; null: no more. Give it back as `cursor` with the same filters.
// - Errors are RFC 9457 problems: `{ status, code, detail }`.
// - A value that is not known is null, never 0.

import type { SentView } from "./sent/contract.ts";

/** Paths; `:x` stands for a parameter. All are GET except `actions`. */
export const ROUTES = {
  /** → {@link Session}. The token for `actions`; read it again when an action is answered 403 `token_invalid` (the helper was restarted). */
  session: "/api/session",
  /** → {@link SystemMap} */
  map: "/api/map",
  /** → Page<{@link TraceSummary}>. Query: {@link TraceQuery}. */
  traces: "/api/traces",
  /** → {@link TraceDetail}; 404 `not_found`. */
  trace: "/api/traces/:trace_id",
  /** → Page<{@link LogLine}>. Query: {@link LogQuery}. */
  logs: "/api/logs",
  /** → {@link MetricNames} */
  metric_names: "/api/metrics",
  /** → {@link MetricSeries}. Query: name in the path; since, until, step_ms. */
  metric: "/api/metrics/:name",
  /** → {@link Outbox} */
  outbox: "/api/outbox",
  /** → {@link PromisesView} */
  promises: "/api/promises",
  /** → Page<{@link OrderSummary}>. Query: {@link OrderQuery}. */
  orders: "/api/orders",
  /** → {@link OrderDetail}; the id of an order, or of its payment or a notification about it; 404 `not_found`. */
  order: "/api/orders/:order_id",
  /** → {@link History} */
  history: "/api/history",
  /** SSE; see {@link StreamEvent}. Query: topics (comma-separated; none: all), since (a sequence number). */
  events: "/api/events",
  /** POST {@link Action} → {@link ActionResult}. Header {@link TOKEN_HEADER}. */
  actions: "/api/actions",
} as const;

export const TOKEN_HEADER = "x-control-room-token";

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export interface Session {
  readonly token: string;
  readonly version: string;
  /** Changes when the collector is restarted: sequence numbers of another one mean nothing. */
  readonly collector: string;
  /** Where the gateway and the pages of the services are, if they run. */
  readonly gateway_url: string | null;
  readonly mail_url: string | null;
  /** Actions that work with these settings. */
  readonly actions: readonly Action["action"][];
}

// --- Map -------------------------------------------------------------------------------------------------------------------

/**
 * `starting` is not broken. `slow`: its process is there, and does not answer or report in time, as on a busy machine. `paused`: stopped by a
 * signal or by an action. `down`: its process has ended, or nobody listens at its port.
 */
export type InstanceState = "starting" | "ok" | "degraded" | "slow" | "paused" | "draining" | "down";

export interface SystemMap {
  readonly at: number;
  readonly nodes: readonly ServiceNode[];
  readonly edges: readonly Edge[];
  readonly runtimes: readonly RuntimeView[];
  readonly registry: Backend;
  readonly database: Backend;
  /** Calls that failed within the last minute, at all edges that begin at `client` (outside the system). */
  readonly failed_last_minute: number;
}

export interface Backend {
  /** `embedded`, `nacos`, `dynamodb`, `static` or `none`. */
  readonly kind: string;
  readonly address: string | null;
  readonly state: "ok" | "down" | "unknown";
}

/** A service, also one that only others' spans mention: of another language, or outside. */
export interface ServiceNode {
  /** `OrderService`, `gateway`, or what a span's `service.name` says. */
  readonly name: string;
  /** `own`: of this project. `other`: known by spans alone. */
  readonly origin: "own" | "other";
  readonly state: InstanceState | "unknown";
  readonly instances: readonly InstanceView[];
  /** Requests that it has answered. */
  readonly traffic: Traffic;
}

export interface InstanceView {
  /** As it is registered. */
  readonly id: string;
  readonly runtime: string | null;
  readonly url: string | null;
  readonly state: InstanceState;
  readonly version: string | null;
  readonly uptime_ms: number | null;
  readonly in_flight: number | null;
  readonly connections: number | null;
  /** As callers' balancers see it. */
  readonly balancer: "available" | "ejected" | "unhealthy" | "disabled" | null;
  /** The checks of `/health/`: database, registry, outbox. */
  readonly checks: Readonly<Record<string, string>>;
}

/** A process of the local runtime. */
export interface RuntimeView {
  readonly id: string;
  readonly pid: number;
  readonly state: InstanceState;
  readonly started_at: number;
  readonly services: readonly string[];
  readonly memory_bytes: number | null;
  /** Share of one core over the last report, 0 to 1 and above. */
  readonly cpu: number | null;
  readonly event_loop_p99_ms: number | null;
  /** Stopped most of the time, by the action `slow`. */
  readonly slowed: boolean;
}

/** Over the last {@link window_ms}. */
export interface Traffic {
  readonly window_ms: number;
  readonly per_second: number;
  readonly p50_ms: number | null;
  readonly p99_ms: number | null;
  readonly count: number;
  readonly errors: number;
}

/** Calls of one service (or `client`: outside) to another, a database, a provider or a mail server. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** `http`, `database`, `provider`, `mail`, `messaging` */
  readonly kind: string;
  readonly traffic: Traffic;
}

// --- Traces ----------------------------------------------------------------------------------------------------------------

export interface TraceQuery {
  readonly service?: string;
  /** Part of the name of any of its spans. */
  readonly name?: string;
  /** "true": with a failed span. */
  readonly error?: string;
  readonly min_ms?: string;
  readonly max_ms?: string;
  readonly since?: string;
  readonly until?: string;
  /** `key=value`; may be repeated: some span of the trace has each. */
  readonly attribute?: string;
  /** 50; at most 200. */
  readonly limit?: string;
  readonly cursor?: string;
}

export interface TraceSummary {
  readonly trace_id: string;
  readonly started_at: number;
  /** From its first span's start to the last one's end; grows while deliveries go on. */
  readonly duration_ms: number;
  /** Of the span without a parent, or the earliest one. */
  readonly root_service: string;
  readonly root_name: string;
  readonly services: readonly string[];
  readonly spans: number;
  readonly errors: number;
}

export interface TraceDetail {
  readonly trace_id: string;
  /** By start; at most 2,000. */
  readonly spans: readonly SpanView[];
  readonly truncated: boolean;
}

export interface SpanView {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_span_id: string | null;
  readonly service: string;
  readonly instance: string | null;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "producer" | "consumer";
  readonly started_at: number;
  readonly duration_ms: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

// --- Logs ------------------------------------------------------------------------------------------------------------------

export type Level = "debug" | "info" | "warn" | "error";

export interface LogQuery {
  readonly service?: string;
  /** This level and those above. */
  readonly level?: Level;
  /** Part of the message or of its fields, in any case. */
  readonly text?: string;
  readonly trace_id?: string;
  readonly since?: string;
  readonly until?: string;
  /** 100; at most 1,000. */
  readonly limit?: string;
  readonly cursor?: string;
}

export interface LogLine {
  /** Grows with time of arrival; unique in this history. */
  readonly id: number;
  readonly at: number;
  readonly service: string;
  readonly instance: string | null;
  readonly level: Level;
  readonly message: string;
  readonly trace_id: string | null;
  readonly span_id: string | null;
  readonly fields: Readonly<Record<string, unknown>>;
}

// --- Metrics ---------------------------------------------------------------------------------------------------------------

export interface MetricNames {
  readonly items: readonly { readonly name: string; readonly unit: string; readonly help: string }[];
}

export interface MetricSeries {
  readonly name: string;
  readonly unit: string;
  /** Distance of points; a larger one than was asked for where there would be more than 2,000. */
  readonly step_ms: number;
  /** Shared by all series; ascending. */
  readonly at: readonly number[];
  /** null: no value for that time. */
  readonly series: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly values: readonly (number | null)[];
  }[];
}

// --- Outbox and history ----------------------------------------------------------------------------------------------------

export interface Outbox {
  readonly at: number;
  readonly services: readonly {
    readonly service: string;
    /** How long the work of the longest overdue aggregate has been due. */
    readonly lag_ms: number | null;
    /** Aggregates with something parked, up to 100; `npm run outbox` lists them. */
    readonly parked: number | null;
  }[];
}

export interface History {
  /** `disk`: survives restarts. `memory`: the file could not be used (see `reason`). */
  readonly kept: "disk" | "memory";
  readonly reason: string | null;
  readonly bytes: number;
  readonly budget_bytes: number;
  readonly budget_ms: number;
  readonly oldest_at: number | null;
  readonly spans: number;
  readonly logs: number;
  /** Deliveries that arrived while nobody looked, and are not read yet. */
  readonly unread: number;
  /** What was lost, since the collector's start, by reason: `queue_full`, `malformed`, `write_failed`, and of the runtimes `sender_…`. */
  readonly dropped: Readonly<Record<string, number>>;
}

// --- Promises --------------------------------------------------------------------------------------------------------------

/** Checked over what is stored: an order is judged again when anything of it has changed, and all of them now and then. */
export interface PromisesView {
  readonly at: number;
  /** In the order of README.md. `checked`: orders, parties, acknowledged steps, orders, users who were answered, buyers with mail. */
  readonly promises: readonly {
    readonly promise: string;
    readonly checked: number;
    readonly violations: number;
  }[];
  /** The newest first; at most 100. */
  readonly violations: readonly {
    readonly promise: string;
    readonly order_id: string;
    readonly sentence: string;
    readonly since: number;
  }[];
  /** Orders for which the system still has something to do. */
  readonly unfinished: OpenFacts;
  /** Orders with something that waits for a person. */
  readonly waiting: OpenFacts;
  /** The last fault, and how long it took until all was done that had been under way at it; null: not yet. */
  readonly settled: {
    readonly fault: string;
    readonly at: number;
    readonly settled_ms: number | null;
  } | null;
  /** Orders that have changed and are still to be judged. */
  readonly pending: number;
  /** Orders that are known here. */
  readonly orders: number;
  /** When all of them were last judged one after the other; null: not yet. */
  readonly swept_at: number | null;
  /** Whether each write is seen as it happens; without it only the sweep finds changes. */
  readonly follows_writes: boolean;
  /** Why nothing can be checked now; null: it can. */
  readonly failure: string | null;
}

export interface OpenFacts {
  readonly orders: number;
  readonly oldest: { readonly order_id: string; readonly what: string; readonly since: number } | null;
}

// --- Orders ----------------------------------------------------------------------------------------------------------------

export interface OrderQuery {
  /** Its buyer or its seller. */
  readonly user?: string;
  /** A status, or `deleted`. */
  readonly status?: string;
  /** When it was created. */
  readonly since?: string;
  readonly until?: string;
  /** 50; at most 200. */
  readonly limit?: string;
  readonly cursor?: string;
}

export interface OrderSummary {
  readonly order_id: string;
  readonly buyer: string;
  readonly seller: string | null;
  readonly status: string;
  readonly total: string;
  readonly currency: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface OrderDetail {
  readonly order: OrderSummary;
  /** Oldest first. */
  readonly timeline: readonly OrderEntry[];
  /** Of each stored item, which of its writes are in the time line: `seen` of `version`. */
  readonly items: readonly {
    readonly item: string;
    readonly item_id: string;
    readonly version: number;
    readonly seen: number;
  }[];
  readonly violations: PromisesView["violations"];
}

/** A field that a write has changed; null: there was none, or is none any more. */
export interface Change {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** A write to the database. */
export interface WriteEntry {
  readonly kind: "write";
  readonly at: number;
  /** The table's short name. */
  readonly item: string;
  readonly item_id: string;
  /** Counts the writes of an item from 1. */
  readonly version: number;
  /** The write before was not seen: `changes` are all fields. */
  readonly whole: boolean;
  readonly changes: readonly Change[];
}

export type OrderEntry =
  | WriteEntry
  /** What an item itself says of a time whose writes were not seen. */
  | { readonly kind: "note"; readonly at: number; readonly item: string; readonly text: string }
  /** What a service did: requests, calls, deliveries, mails. */
  | {
      readonly kind: "span";
      readonly at: number;
      readonly what: SpanWhat;
      readonly span: SpanView;
    }
  | { readonly kind: "log"; readonly at: number; readonly line: LogLine };

export type SpanWhat =
  | "request"
  | "call"
  | "callback"
  | "delivery"
  | "retry"
  | "provider"
  | "mail"
  | "push"
  | "work";

// --- Live ------------------------------------------------------------------------------------------------------------------

/**
 * Server-sent events: `id:` is the sequence number, `event:` the type, `data:` JSON. A client that reconnects sends
 * `Last-Event-ID` (browsers do) or `?since=`; it gets what it missed, or `reset` where that is no longer kept (4 MB): then it
 * reads everything again. Every 15 s without an event a comment line is sent.
 */
export type StreamEvent =
  /** The first event of each connection: `seq` is the number of the last event before it. */
  | {
      readonly event: "hello";
      readonly data: { readonly collector: string; readonly seq: number };
    }
  /** What was missed is no longer kept, or the collector is another one. */
  | { readonly event: "reset"; readonly data: { readonly collector: string; readonly seq: number } }
  /** At most once a second, and at once when an instance's or a backend's state changes. */
  | { readonly event: "map"; readonly data: SystemMap }
  /** Traces with new spans; at most 4 times a second, at most 100 of them (`more`: how many were left out). */
  | {
      readonly event: "traces";
      readonly data: { readonly items: readonly TraceSummary[]; readonly more: number };
    }
  /** At most 4 times a second, at most 500 lines. */
  | { readonly event: "logs"; readonly data: { readonly items: readonly LogLine[]; readonly more: number } }
  /** Newest values, once per step of 5 s; each by its metric's name and its labels' values, with spaces between. */
  | {
      readonly event: "metrics";
      readonly data: { readonly at: number; readonly values: Readonly<Record<string, number>> };
    }
  | { readonly event: "outbox"; readonly data: Outbox }
  | { readonly event: "history"; readonly data: History }
  /** Once a second, when it has changed. */
  | { readonly event: "promises"; readonly data: PromisesView }
  /** What was sent by mail, push and webhook; at most 4 times a second, at most 100 (`more`: how many were left out). */
  | { readonly event: "sent"; readonly data: { readonly items: readonly SentView[]; readonly more: number } };

export type Topic = Exclude<StreamEvent["event"], "hello" | "reset">;

// --- Actions ---------------------------------------------------------------------------------------------------------------

/** `runtime`: an id of {@link RuntimeView}. */
export type Action =
  | { readonly action: "kill"; readonly runtime: string }
  | { readonly action: "pause"; readonly runtime: string }
  /** Ends `pause` and `slow`. */
  | { readonly action: "resume"; readonly runtime: string }
  /** It runs for a fifth of the time. */
  | { readonly action: "slow"; readonly runtime: string }
  /** SIGTERM: it drains and ends. */
  | { readonly action: "drain"; readonly runtime: string }
  /** Ends it if it runs, and starts it again with the same arguments. */
  | { readonly action: "restart"; readonly runtime: string }
  /** Starts another one beside it, with the same arguments, at ports of its own. */
  | { readonly action: "add"; readonly runtime: string }
  /** Of a server in the helper process: its port is closed; its data stay. */
  | { readonly action: "stop" | "start"; readonly backend: BackendName };

export type BackendName = "registry" | "database";

export interface ActionResult {
  readonly done: boolean;
  /** What happened, as a sentence. */
  readonly detail: string;
}
