// What browsers ask before and after a page uses another origin (Fetch standard, "CORS protocol").

import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { CORS } from "../../../lib/http/cors.ts";

/** Lets pages of the request's origin read the reply, if `origins` has it. Credentials are headers here, never cookies. */
export function allowOrigin(
  origins: readonly string[],
  { origin }: IncomingHttpHeaders,
  response: ServerResponse,
): void {
  if (origins.length === 0) return;
  response.setHeader("vary", "origin");
  if (origin === undefined || !origins.includes(origin)) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", CORS.exposedHeaders.join(", "));
}

/** A browser asks whether a request may be sent. */
export const isPreflight = (method: string, headers: IncomingHttpHeaders): boolean =>
  method === "OPTIONS" &&
  headers.origin !== undefined &&
  headers["access-control-request-method"] !== undefined;

/** Answers that question for a request that was admitted. */
export function answerPreflight(response: ServerResponse): void {
  response.writeHead(204, {
    "access-control-allow-methods": CORS.methods.join(", "),
    "access-control-allow-headers": CORS.headers.join(", "),
    "access-control-max-age": String(CORS.maxAgeSeconds),
  });
  response.end();
}
