// A client of the stack, through Nginx: the user's view, with tokens, by HTTP/2 where both sides can.

import { Agent, fetch, type Response } from "undici";
import { until } from "../../support/poll.ts";
import { credentialsBy } from "../../support/system-under-test.ts";
import type { StackFacts } from "./stack.ts";

/** The stack that `npm run test:servers` has started. @throws {Error} when it was not started by that. */
export function stackFacts(): StackFacts {
  const text = process.env["TEST_STACK"];
  if (text === undefined) throw new Error("There is no stack. Run: npm run test:servers");
  return JSON.parse(text);
}

export interface Client {
  send(method: string, path: string, options?: SendOptions): Promise<Reply>;
  close(): Promise<void>;
}

export interface SendOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Response["headers"];
  readonly body: Record<string, unknown>;
}

/**
 * A user's requests by one connection. Nginx ends a connection with its 1,000th (`keepalive_requests`) and answers that one, which
 * HTTP/2 allows; undici fails it nevertheless, and a user of a fast machine comes so far.
 */
const REQUESTS = 500;

/** A user of the stack. Limits are by address, so each may have one of its own: any in 127.0.0.0/8. */
export async function clientOf(
  { https, authority, secretKey }: Pick<StackFacts, "https" | "authority" | "secretKey">,
  { user, address = "127.0.0.1" }: { readonly user: string; readonly address?: string },
): Promise<Client> {
  const connected = () => new Agent({ allowH2: true, connect: { ca: authority, localAddress: address } });
  let agent = connected();
  let sent = 0;
  const left: Promise<void>[] = [];
  const credentials = await credentialsBy(secretKey)({ sub: user });
  return {
    async send(method, path, { body, headers = {} } = {}) {
      sent += 1;
      if (sent % REQUESTS === 0) {
        left.push(agent.close());
        agent = connected();
      }
      const reply = await fetch(`${https}${path}`, {
        method,
        dispatcher: agent,
        redirect: "manual",
        headers: {
          ...credentials,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await reply.text();
      const json = (reply.headers.get("content-type") ?? "").includes("json");
      return { status: reply.status, headers: reply.headers, body: json ? JSON.parse(text) : {} };
    },
    close: async () => void (await Promise.all([...left, agent.close()])),
  };
}

/** What `path` has, now that nothing is killed any more; read again while the machine is too busy. */
export const readBy = (client: Client, path: string): Promise<Record<string, unknown>> =>
  until(`${path} is read`, async () => {
    const { status, body } = await client.send("GET", path);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    return body;
  });
