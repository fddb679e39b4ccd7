// CORS: preflight requests, and the headers that let pages of another origin read a reply (Fetch standard, "CORS protocol").

import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { CORS } from "../../../lib/http/cors.ts";

/** Lets pages of the request's origin read the reply, if it is one of `origins`. Credentials are headers here, never cookies. */
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

/** Whether the request is a browser's preflight. */
export const isPreflight = (method: string, headers: IncomingHttpHeaders): boolean =>
  method === "OPTIONS" &&
  headers.origin !== undefined &&
  headers["access-control-request-method"] !== undefined;

/** Answers a preflight that was admitted. */
export function answerPreflight(response: ServerResponse): void {
  response.writeHead(204, {
    "access-control-allow-methods": CORS.methods.join(", "),
    "access-control-allow-headers": CORS.headers.join(", "),
    "access-control-max-age": String(CORS.maxAgeSeconds),
  });
  response.end();
}
