// A recorder of spans for tests.

import { type RecordedSpan, setSpanRecorder } from "./span.ts";

/** Records spans until {@link forgetSpans}; returns the list to which they are added as they end. */
export function recordSpans(): readonly RecordedSpan[] {
  const spans: RecordedSpan[] = [];
  setSpanRecorder({ record: (span) => void spans.push(span), flush: async () => {} });
  return spans;
}

export const forgetSpans = (): void => setSpanRecorder(undefined);
