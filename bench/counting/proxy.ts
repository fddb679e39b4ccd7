// A proxy in front of a DynamoDB endpoint that records every operation.

import { createServer } from "node:http";
import { Pool } from "undici";
import { listen, portOf } from "../../tests/support/free-ports.ts";

export interface Operation {
  /** `PutItem` */
  readonly operation: string;
  /** Without its prefix: `orders`. */
  readonly table: string;
  readonly index: string | undefined;
  readonly key: string | undefined;
  /** As it was sent. */
  readonly input: object;
  /** What was replied; only where replies are kept. */
  reply?: unknown;
}

export interface CountingProxy {
  readonly port: number;
  /** All operations so far, oldest first. */
  readonly seen: Operation[];
  close(): Promise<void>;
}

/** Forwards every request to `databaseUrl`; recorded table names are without `prefix`. With `keepReplies` replies are kept as well. */
export async function startCountingProxy(
  databaseUrl: string,
  prefix: string,
  keepReplies = false,
): Promise<CountingProxy> {
  const seen: Operation[] = [];
  const pool = new Pool(databaseUrl, { connections: 64 });
  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const target = String(request.headers["x-amz-target"] ?? "");
    const noted = target === "" ? undefined : note(target, body.toString(), prefix);
    if (noted !== undefined) seen.push(noted);
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name.startsWith("x-amz") || WANTED.includes(name)),
    );
    const reply = await pool.request({
      method: request.method === "POST" ? "POST" : "GET",
      path: "/",
      headers,
      body,
    });
    response.writeHead(reply.statusCode, { "content-type": "application/x-amz-json-1.0" });
    const answer = Buffer.from(await reply.body.arrayBuffer());
    if (noted !== undefined && keepReplies) noted.reply = JSON.parse(answer.toString());
    response.end(answer);
  });
  await listen(server);
  return {
    port: portOf(server),
    seen,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pool.destroy();
    },
  };
}

const WANTED = ["authorization", "content-type"];

function note(target: string, body: string, prefix: string): Operation {
  const input: { TableName?: string; IndexName?: string; Key?: Attributes; Item?: Attributes } =
    JSON.parse(body);
  return {
    operation: target.replace(/^.*\./, ""),
    table: (input.TableName ?? "").replace(prefix, ""),
    index: input.IndexName,
    key: (input.Key ?? input.Item)?.["id"]?.S,
    input,
  };
}

type Attributes = Readonly<Record<string, { readonly S?: string } | undefined>>;
