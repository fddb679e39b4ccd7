// What a batch of spans says of its traces, each once. Pure.

import type { Span } from "./spans.ts";

/** Attributes whose values a trace is found by, without reading all of them. */
export const SUBJECTS: readonly string[] = [
  "cfmp.order.id",
  "cfmp.payment.id",
  "cfmp.notification.id",
  "cfmp.aggregate.id",
  "user.id",
];

/** The value of an attribute as it is kept to find traces by. */
export const keptSubject = (value: string | number | boolean): string =>
  String(value).slice(0, LONGEST_SUBJECT);

const LONGEST_SUBJECT = 200;

/** The part of a trace that a batch has. */
export interface TracePart {
  readonly trace_id: string;
  started_at: number;
  ended_at: number;
  /** The one without a parent, or else the earliest. */
  top: Span;
  readonly services: Set<string>;
  readonly subjects: Set<string>;
  spans: number;
  errors: number;
}

export function tracePartsOf(spans: readonly Span[]): Iterable<TracePart> {
  const parts = new Map<string, TracePart>();
  for (const span of spans) {
    const { trace_id, started_at, duration_ms, service, attributes } = span;
    let part = parts.get(trace_id);
    if (part === undefined) {
      const ended_at = started_at + duration_ms;
      const sets = { services: new Set<string>(), subjects: new Set<string>() };
      part = { trace_id, started_at, ended_at, top: span, ...sets, spans: 0, errors: 0 };
      parts.set(trace_id, part);
    }
    if (isAbove(span, part.top)) part.top = span;
    part.started_at = Math.min(part.started_at, started_at);
    part.ended_at = Math.max(part.ended_at, started_at + duration_ms);
    part.services.add(service);
    part.spans += 1;
    if (span.failed) part.errors += 1;
    for (const name of SUBJECTS) {
      const subject = attributes[name];
      if (subject !== undefined) part.subjects.add(keptSubject(subject));
    }
  }
  return parts.values();
}

function isAbove(one: Span, other: Span): boolean {
  const [isTop, wasTop] = [one.parent_span_id === null, other.parent_span_id === null];
  return isTop === wasTop ? one.started_at < other.started_at : isTop;
}
