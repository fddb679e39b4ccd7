// DynamoDB's HTTP API over kept connections.

import { signedHeaders } from "../core/aws-signature.ts";
import { KeptHttp } from "../core/kept-http.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Reply, TRY_TIMEOUT_MS, type Transport } from "./transport.ts";

/** Header of each reply of the embedded database while it accepts no writes. */
const WRITE_FAILURE = "x-database-write-failure";

/** At most 64 connections to `endpoint`. */
export function httpTransport(endpoint: Endpoint): Transport {
  const { origin, host } = new URL(endpoint.url);
  // The client of the database repeats a request itself, as it has to remember that the first one may have had its effect.
  const http = new KeptHttp({ connections: 64, repeatable: false });
  const inProgress = new Set<Promise<unknown>>();
  const headersFor = (operation: string, body: string) =>
    endpoint.embedded === true ? unsigned(operation) : sign(endpoint, host, operation, body);

  async function exchange(operation: string, body: string, signal?: AbortSignal): Promise<Reply> {
    const headers = headersFor(operation, body);
    const request = { url: `${origin}/`, method: "POST", headers, body, timeoutMs: TRY_TIMEOUT_MS, signal };
    const reply = await http.send(request);
    const failure = reply.headers[WRITE_FAILURE];
    return {
      status: reply.status,
      text: reply.data,
      writeFailure: failure === undefined ? undefined : String(failure),
    };
  }

  return {
    exchange(operation, body, signal) {
      const exchanged = exchange(operation, body, signal);
      const forget = () => void inProgress.delete(exchanged);
      inProgress.add(exchanged);
      exchanged.then(forget, forget);
      return exchanged;
    },
    async close() {
      await Promise.allSettled(inProgress);
      http.close();
    },
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
