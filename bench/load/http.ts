// One keep-alive connection per lane and origin, with as little work per request as there can be.

import { Pool } from "undici";

export interface Sent {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Requests to `origin` over at most `connections` connections; gives the body. @throws {Error} unless it is `expect`. */
export function requester(
  origin: string,
  connections: number,
): (sent: Sent, expect: number) => Promise<string> {
  const pool = new Pool(origin, { connections });
  return async ({ method, path, headers, body }, expect) => {
    const reply = await pool.request({ method, path, headers, body: body ?? null });
    const text = await reply.body.text();
    if (reply.statusCode === expect) return text;
    throw new Error(`${method} ${origin}${path} answered ${reply.statusCode}: ${text.slice(0, 300)}`);
  };
}
