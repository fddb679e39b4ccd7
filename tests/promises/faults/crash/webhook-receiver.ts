// A receiver of webhooks: checks the signature of each message as the specification's own package does, and accepts it.

import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import * as z from "zod";

/** A message as it came. */
export interface ReceivedMessage {
  readonly id: string;
  readonly type: string;
  readonly orderId: string;
}

export interface WebhookReceiver {
  /** Its URL for the one who is called `name`. */
  urlFor(name: string): string;
  /** What comes for `name` may be signed with this secret. */
  trust(name: string, secret: string): void;
  /** The messages for `name` that came with a good signature so far, copies included. */
  receivedBy(name: string): readonly ReceivedMessage[];
  close(): Promise<void>;
}

interface Arrived {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const content = z.object({ type: z.string(), data: z.object({ order_id: z.string() }) });

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const secrets = new Map<string, string[]>();
  // Their signatures are checked later: the secret comes with the reply to the request that registers the webhook.
  const arrived: Arrived[] = [];
  const isSigned = ({ name, headers, body }: Arrived): boolean =>
    (secrets.get(name) ?? []).some((secret) => verifies(secret, headers, body));
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    arrived.push({
      name: (request.url ?? "/").slice(1),
      headers: textsOf(request.headers),
      body: Buffer.concat(chunks).toString("utf8"),
    });
    response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server.address());
  return {
    urlFor: (name) => `http://127.0.0.1:${port}/${name}`,
    trust(name, secret) {
      secrets.set(name, [...(secrets.get(name) ?? []), secret]);
    },
    receivedBy: (name) =>
      arrived
        .filter((one) => one.name === name && isSigned(one))
        .map(({ headers, body }) => {
          const { type, data } = content.parse(JSON.parse(body));
          return { id: headers["webhook-id"] ?? "", type, orderId: data.order_id };
        }),
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const textsOf = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

function verifies(secret: string, headers: Record<string, string>, body: string): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("It has no port");
  return address.port;
}
