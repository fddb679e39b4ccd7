// A recorder of spans for tests, and spans.

import { beginSpan, type RecordedSpan, type Span, type SpanStart, setSpanRecorder } from "./span.ts";

/** Records spans until {@link forgetSpans}; returns the list to which they are added as they end. */
export function recordSpans(): readonly RecordedSpan[] {
  const spans: RecordedSpan[] = [];
  setSpanRecorder({ record: (span) => void spans.push(span), flush: async () => {} });
  return spans;
}

export const forgetSpans = (): void => setSpanRecorder(undefined);

/** Begins a span in the trace of `parent`, a `traceparent`; undefined where it is not recorded. */
export const testSpan = ({
  parent,
  ...start
}: SpanStart & { readonly parent?: string | undefined }): Span | undefined =>
  beginSpan(parent, () => start)?.span;
