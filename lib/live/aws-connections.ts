// Connections that API Gateway holds: its management API.
// Source: AWS, "Use @connections commands in your backend service".

import { awsDomain, awsRegion } from "../core/aws-endpoint.ts";
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
  return `https://${apiId}.execute-api.${region}.${awsDomain(region)}/${stage}`;
}

/** Sends `text` on a connection. False when it is gone (410). @throws an error when that is not known. */
export const postToConnection = (endpoint: string, id: string, text: string): Promise<boolean> =>
  manage("POST", endpoint, id, { headers: { "content-type": "application/json" }, body: text });

/** Whether a connection is open. @throws an error when that is not known. */
export const isConnected = (endpoint: string, id: string): Promise<boolean> =>
  manage("GET", endpoint, id, { headers: {}, body: "" });

/** Closes a connection, if it is not gone already. @throws an error when that is not known. */
export async function closeConnection(endpoint: string, id: string): Promise<void> {
  await manage("DELETE", endpoint, id, { headers: {}, body: "" });
}

async function manage(
  method: "POST" | "DELETE" | "GET",
  endpoint: string,
  id: string,
  content: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
): Promise<boolean> {
  const { origin, host, pathname } = new URL(`${endpoint}/@connections/${encodeURIComponent(id)}`);
  const signed = { host, path: pathname, region: awsRegion(), method, service: "execute-api", ...content };
  const { status } = await http.send({
    url: `${origin}${pathname}`,
    method,
    headers: signedHeaders(signed),
    body: content.body,
    timeoutMs: TIMEOUT_MS,
  });
  if (status === 410) return false;
  if (status >= 300) throw new Error(`API Gateway answered ${status} for a connection`);
  return true;
}
