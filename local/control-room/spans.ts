// Spans, lines of logs and points of metrics as the collector keeps them.

import type { LogLine, SpanView } from "./telemetry-contract.ts";

/** A span that was received. */
export type Span = SpanView;

/** A line of a log that was received; the history gives it its id. */
export type ReceivedLine = Omit<LogLine, "id">;

/** The value of a metric at a time. */
export interface Point {
  readonly at: number;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A text, cut to `longest` characters; undefined where it is none. */
export const textOf = (value: unknown, longest = 1_000): string | undefined =>
  typeof value === "string" ? value.slice(0, longest) : undefined;
