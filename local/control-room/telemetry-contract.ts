// Traces, logs and metrics in the API of api.ts.

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

export interface MetricNames {
  readonly items: readonly { readonly name: string; readonly unit: string; readonly help: string }[];
}

/** Without `last_ms` and `since`: since its values begin, at least a minute and at most an hour. */
export interface MetricQuery {
  /** Up to now, or `until`. */
  readonly last_ms?: string;
  readonly since?: string;
  readonly until?: string;
  /** 5,000; at most an hour. */
  readonly step_ms?: string;
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
