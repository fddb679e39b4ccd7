// The contract of the control room's API between the collector and its page. Types and plain data only: the page's bundle and the
// server share it.
//
// - Base URL: http://127.0.0.1:<CONTROL_ROOM_PORT>. The page at `/` is of the same origin; other origins are refused (403).
// - Times are epoch milliseconds (of spans with fractions), names end in `_at`; durations are milliseconds, names end in `_ms`.
// - Lists are newest first. `next_cursor` is opaque; null: no more. Give it back as `cursor` with the same filters.
// - Errors are RFC 9457 problems: `{ status, code, detail }`.
// - A value that is not known is null, never 0.

import type { SystemMap } from "./map-contract.ts";
import type { PromisesView } from "./orders/contract.ts";
import type { SentView } from "./sent/contract.ts";
import type { LogLine, TraceSummary } from "./telemetry-contract.ts";

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
  /** → {@link MetricSeries}. Name in the path; query: {@link MetricQuery}; 404 `not_found`. */
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
  /**
   * What is known but for its number, since the start of the runtimes and the collector: traces and lines beyond the first ones of each second, writes of
   * orders beyond those that are followed.
   */
  readonly not_recorded: { readonly traces: number; readonly lines: number; readonly writes: number };
  /** What was lost, since the collector's start, by reason: `queue_full`, `malformed`, `write_failed`, and of the runtimes `sender_…`. */
  readonly dropped: Readonly<Record<string, number>>;
}

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

/** All topics. */
export const TOPICS = [
  "map",
  "traces",
  "logs",
  "metrics",
  "outbox",
  "history",
  "promises",
  "sent",
] as const satisfies readonly Topic[];

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
  /** The process that it is about: the new one of `restart` and `add`, null for `backend`. */
  readonly pid: number | null;
}
