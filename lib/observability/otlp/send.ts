// One batch to an OTLP receiver by HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp).

import type { Attributes, RecordedSpan } from "../span.ts";
import { traceRequest } from "./encode.ts";
import type { Receipt } from "./exporter.ts";

/** Of OTLP/HTTP: the statuses after which a client tries again. */
const RETRYABLE = [429, 502, 503, 504];
const WITHIN_MS = 5_000;

/** Sends batches to `url` with `headers`; `process` are attributes of all spans. What it returns does not reject. */
export function otlpSender(
  url: string,
  headers: Readonly<Record<string, string>>,
  process: Attributes,
): (spans: readonly RecordedSpan[]) => Promise<Receipt> {
  return async (spans) => {
    try {
      const reply = await fetch(url, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(traceRequest(spans, process)),
        redirect: "manual",
        signal: AbortSignal.timeout(WITHIN_MS),
      });
      return receiptOf(reply.status, reply.headers.get("retry-after"), await reply.text());
    } catch (error) {
      return { kind: "away", reason: error instanceof Error ? error.message : String(error) };
    }
  };
}

/** What a reply means. */
export function receiptOf(status: number, retryAfter: unknown, text: string): Receipt {
  const reason = `the receiver answered ${status}`;
  if (RETRYABLE.includes(status)) {
    const seconds = Number(retryAfter);
    return { kind: "away", reason, afterMs: seconds > 0 ? seconds * 1_000 : undefined };
  }
  if (status < 200 || status > 299) return { kind: "refused", reason };
  return { kind: "taken", rejected: rejectedIn(text) };
}

/** `partialSuccess.rejectedSpans` of an `ExportTraceServiceResponse`; a 64-bit integer, so a text or a number. */
function rejectedIn(text: string): number {
  try {
    return Number(JSON.parse(text)?.partialSuccess?.rejectedSpans ?? 0) || 0;
  } catch {
    // Some receivers answer in protobuf, or with nothing: they took it all.
    return 0;
  }
}
