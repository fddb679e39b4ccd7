// Connections that API Gateway holds: its management API.
// Source: AWS, "Use @connections commands in your backend service".

import { awsRegion } from "../core/aws-endpoint.ts";
import { signedHeaders } from "../core/aws-signature.ts";

const TIMEOUT_MS = 2_000;

/** The address of the management API of one WebSocket API. The region's own name: a domain of ours does not have it. */
export function connectionsEndpoint(apiId: string, stage: string): string {
  const region = awsRegion();
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://${apiId}.execute-api.${region}.${domain}/${stage}`;
}

/** Sends `text` on a connection. False when it is gone (410). @throws an error when that is not known. */
export async function postToConnection(endpoint: string, id: string, text: string): Promise<boolean> {
  const { origin, host, pathname } = new URL(`${endpoint}/@connections/${encodeURIComponent(id)}`);
  const headers = signedHeaders({
    host,
    path: pathname,
    region: awsRegion(),
    method: "POST",
    service: "execute-api",
    headers: { "content-type": "application/json" },
    body: text,
  });
  const { request } = await import("undici");
  const options = { method: "POST", headers, body: text, headersTimeout: TIMEOUT_MS } as const;
  const reply = await request(`${origin}${pathname}`, options);
  await reply.body.dump();
  if (reply.statusCode === 410) return false;
  if (reply.statusCode >= 300) throw new Error(`API Gateway answered ${reply.statusCode} for a connection`);
  return true;
}
