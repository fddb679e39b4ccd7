// One time line out of several traces and their log lines. Pure.

import type { LogLine, SpanView } from "../api.ts";

export type TimelineEntry =
  | { readonly at: number; readonly kind: "span"; readonly span: SpanView }
  | { readonly at: number; readonly kind: "log"; readonly line: LogLine };

/** Oldest first; a line follows the span that was begun at the same time. */
export function timeline(spans: readonly SpanView[], lines: readonly LogLine[]): readonly TimelineEntry[] {
  return [
    ...spans.map((span): TimelineEntry => ({ at: span.started_at, kind: "span", span })),
    ...lines.map((line): TimelineEntry => ({ at: line.at, kind: "log", line })),
  ].toSorted((one, other) => one.at - other.at);
}
