// Connections that API Gateway holds: its management API.
// Source: AWS, "Use @connections commands in your backend service".

import { awsRegion } from "../core/aws-endpoint.ts";
import { signedHeaders } from "../core/aws-signature.ts";
import { KeptHttp } from "../core/kept-http.ts";

const TIMEOUT_MS = 2_000;

const http = new KeptHttp({ connections: 64, repeatable: false });

/**
 * The address of the management API of one WebSocket API: an emulator's (`AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI`), or the region's own
 * name, as a domain of ours does not have it.
 */
export function connectionsEndpoint(apiId: string, stage: string): string {
  const emulator = process.env["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"];
  if (emulator) return `${emulator}/${stage}`;
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
  const request = { url: `${origin}${pathname}`, method: "POST", headers, body: text, timeoutMs: TIMEOUT_MS };
  const { status } = await http.send(request);
  if (status === 410) return false;
  if (status >= 300) throw new Error(`API Gateway answered ${status} for a connection`);
  return true;
}
