// Spans and lines for tests of the control room.

import type { ReceivedLine, Span } from "./spans.ts";

const hex = (number: number, length: number): string => number.toString(16).padStart(length, "0");

/** A span of trace `trace`, the `span`th. */
export const testSpan = (trace: number, span: number, more: Partial<Span> = {}): Span => ({
  trace_id: hex(trace, 32),
  span_id: hex(trace * 1_000 + span, 16),
  parent_span_id: span === 1 ? null : hex(trace * 1_000 + span - 1, 16),
  service: "OrderService",
  instance: "i-1",
  name: "POST /api/orders/",
  kind: "server",
  started_at: trace * 1_000 + span,
  duration_ms: 10,
  failed: false,
  attributes: {},
  ...more,
});

export const testLine = (at: number, more: Partial<ReceivedLine> = {}): ReceivedLine => ({
  at,
  service: "OrderService",
  instance: "i-1",
  level: "info",
  message: "request",
  trace_id: null,
  span_id: null,
  fields: {},
  ...more,
});
