// A trace as rows: each span below its parent, in order of time, with its place on the time axis. Pure.

import type { SpanView } from "../telemetry-contract.ts";

export interface WaterfallRow {
  readonly span: SpanView;
  readonly depth: number;
  /** Start and length as shares of the whole trace, 0 to 1. */
  readonly offset: number;
  readonly length: number;
}

/**
 * A span whose parent is not there (yet) is shown at the top level, and one of those that are each other's parents. Each is one row, also
 * where several have the same id, as those of a batch that was sent twice.
 */
export function waterfall(spans: readonly SpanView[]): readonly WaterfallRow[] {
  const known = new Set(spans.map(({ span_id }) => span_id));
  const children = new Map<string, SpanView[]>();
  for (const span of spans.toSorted((one, other) => one.started_at - other.started_at)) {
    const parent = span.parent_span_id;
    const key = parent !== null && parent !== span.span_id && known.has(parent) ? parent : "";
    children.set(key, [...(children.get(key) ?? []), span]);
  }
  const start = Math.min(...spans.map(({ started_at }) => started_at));
  const end = Math.max(...spans.map(({ started_at, duration_ms }) => started_at + duration_ms));
  const scale = end > start ? 1 / (end - start) : 0;
  const rows: WaterfallRow[] = [];
  const take = (parent: string, depth: number) => {
    const below = children.get(parent) ?? [];
    children.delete(parent);
    return below.map((span) => ({ span, depth })).reverse();
  };
  for (const top of ["", ...children.keys()]) {
    const waiting = take(top, 0);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { span, depth } = next;
      rows.push({
        span,
        depth,
        offset: (span.started_at - start) * scale,
        length: span.duration_ms * scale,
      });
      waiting.push(...take(span.span_id, depth + 1));
    }
  }
  return rows;
}
