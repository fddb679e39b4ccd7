// Sends a refusal: an RFC 9457 problem on every listener.

import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { type Problem, problemJson } from "../../../lib/http/problem.ts";
import { continueTrace } from "../../../lib/observability/trace.ts";
import type { BoundedMessage } from "./bounded-message.ts";

/** Milliseconds for which a client that is answered while it still sends may read the reply, until the connection is closed. */
export const LINGER_MS = 2_000;

/** Status, headers and body of the refusal of a request with the header `traceparent`, whose trace it continues. */
export function refusal(problem: Problem, { traceparent: given }: IncomingHttpHeaders) {
  const { traceId, traceparent } = continueTrace(typeof given === "string" ? given : undefined);
  const body = problemJson(problem, traceId);
  const headers: Readonly<Record<string, string>> = {
    "content-type": "application/problem+json",
    "content-length": String(Buffer.byteLength(body)),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    traceparent,
    ...problem.headers,
  };
  return { status: problem.status, headers, body };
}

/**
 * Answers with `problem`; aborts the connection when a reply has already begun. A problem that closes the connection does so
 * when the client has stopped sending: closing earlier would discard the reply together with the unread data.
 */
export function refuse(problem: Problem, request: BoundedMessage, response: ServerResponse): void {
  if (response.headersSent) {
    request.destroy();
    return;
  }
  const { status, headers, body } = refusal(problem, request.headers);
  response.writeHead(status, headers);
  if (headers["connection"] !== "close") {
    response.end(body);
    return;
  }
  response.write(body);
  const late = setTimeout(() => response.end(), LINGER_MS);
  response.once("close", () => {
    clearTimeout(late);
    // A reader of the body must not wait for the rest.
    request.destroy(problem);
  });
  request.discard(() => response.end());
}
