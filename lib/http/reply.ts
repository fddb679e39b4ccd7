// Converts a handler's reply to an API Gateway result.

import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { readableJson } from "../core/text.ts";

export interface Reply {
  readonly status: number;
  /** An object becomes JSON; a string is sent as it is, with the content type in `headers`. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Headers of every reply. */
const BASE_HEADERS = { "x-content-type-options": "nosniff", "cache-control": "no-store" };

/** Serialises a reply; texts in an object become readable. */
export function toResult(reply: Reply): APIGatewayProxyStructuredResultV2 {
  const { status, body, headers } = reply;
  if (body === undefined) return { statusCode: status, headers: { ...BASE_HEADERS, ...headers } };
  const text = typeof body === "string";
  return {
    statusCode: status,
    headers: { ...BASE_HEADERS, ...(text ? {} : { "content-type": "application/json" }), ...headers },
    body: text ? body : readableJson(body),
  };
}

/** A reply whose status keeps its literal type, for handlers with several statuses. */
export const reply = <const S extends number, B>(
  status: S,
  body: B,
  headers: Readonly<Record<string, string>> = {},
) => ({
  status,
  body,
  headers,
});

/** The `ETag` of a revision. */
export const etag = (revision: number): { etag: string } => ({ etag: `"${revision}"` });

/** Header of a reply to a repeated request with the same `Idempotency-Key`. */
export const REPLAYED = { "idempotent-replayed": "true" };
