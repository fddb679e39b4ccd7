// DynamoDB's HTTP API over pooled connections.

import { Pool } from "undici";
import { signedHeaders } from "../core/aws-signature.ts";
import type { Endpoint } from "./endpoint.ts";
import { post } from "./post.ts";
import { TRY_TIMEOUT_MS, type Transport } from "./transport.ts";

/** At most 64 connections to `endpoint`. */
export function httpTransport(endpoint: Endpoint): Transport {
  const { origin, host } = new URL(endpoint.url);
  const pool = new Pool(origin, {
    connections: 64,
    headersTimeout: TRY_TIMEOUT_MS,
    bodyTimeout: TRY_TIMEOUT_MS,
  });
  const headers = (operation: string, body: string) =>
    endpoint.embedded === true ? unsigned(operation) : sign(endpoint, host, operation, body);
  return {
    exchange: (operation, body, signal) => post(pool, headers(operation, body), body, signal),
    close: () => pool.close(),
  };
}

const headersOf = (operation: string) => ({
  "content-type": "application/x-amz-json-1.0",
  "x-amz-target": `DynamoDB_20120810.${operation}`,
});

/** What the embedded database wants to see in place of a signature. */
const unsigned = (operation: string): Record<string, string> => ({
  ...headersOf(operation),
  authorization: "AWS4-HMAC-SHA256 Credential=embedded",
});

function sign(endpoint: Endpoint, host: string, operation: string, body: string): Record<string, string> {
  const request = { host, path: "/", method: "POST", service: "dynamodb", region: endpoint.region, body };
  return signedHeaders({ ...request, headers: headersOf(operation) }, endpoint);
}
