// One batch to an OTLP receiver by HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp).

import { type Attributes, errorType, type RecordedSpan } from "../span.ts";
import { traceRequest } from "./encode.ts";
import type { Receipt } from "./exporter.ts";

/** Of OTLP/HTTP: the statuses after which a client tries again. */
const RETRYABLE = [429, 502, 503, 504];
const WITHIN_MS = 5_000;
/** Of a reply that is read; what says more is no receiver's. */
const MOST_REPLY_BYTES = 64 * 1_024;

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
      return receiptOf(reply.status, reply.headers.get("retry-after") ?? undefined, await beginningOf(reply));
    } catch (error) {
      return { kind: "away", reason: whyNot(error) };
    }
  };
}

/** The text of `reply`, or as much of it as is wanted. */
async function beginningOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (body === null) return "";
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > MOST_REPLY_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

/** The code or name of `error`: its text may hold a header's value. */
function whyNot(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return `no answer: ${errorType(cause)}`;
}

/** What a reply means. */
export function receiptOf(status: number, wait: string | undefined, text: string): Receipt {
  const reason = `the receiver answered ${status}`;
  if (RETRYABLE.includes(status)) {
    return { kind: "away", reason, afterMs: millisecondsOf(wait) };
  }
  if (status < 200 || status > 299) return { kind: "refused", reason };
  return { kind: "taken", rejected: rejectedIn(text) };
}

/** What `Retry-After` asks for, in seconds or by a date (RFC 9110, 10.2.3). */
function millisecondsOf(wait = ""): number | undefined {
  const milliseconds = /^\d+$/.test(wait) ? Number(wait) * 1_000 : Date.parse(wait) - Date.now();
  return milliseconds > 0 ? milliseconds : undefined;
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
