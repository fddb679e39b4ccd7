// Handlers behind a plain HTTP server, as API Gateway and serverless-offline would call them: for tests of few handlers.

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Route } from "../../lib/contract/route.ts";
import { toEventBody } from "../../lib/http/event-body.ts";
import type { HttpHandler } from "../../lib/http/handler.ts";
import { context, httpEvent } from "../../lib/http/test-things.ts";
import { listen } from "./free-ports.ts";

export interface ServedRoute {
  readonly route: Route;
  readonly handler: HttpHandler;
}

export interface HandlerServer {
  /** Without a trailing slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** How the two platforms pass a path on: serverless-offline without its trailing slash, API Gateway as it came. */
export type TrailingSlash = "stripped" | "kept";

/** Serves `routes` under `prefix` on a free port of loopback. */
export async function serveHandlers(
  routes: readonly ServedRoute[],
  options: { readonly prefix?: string; readonly trailingSlash?: TrailingSlash } = {},
): Promise<HandlerServer> {
  const { prefix = "", trailingSlash = "stripped" } = options;
  const known = routes.map((served) => ({ ...served, pattern: patternOf(prefix, served.route.path) }));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = trailingSlash === "stripped" && pathname !== "/" ? pathname.replace(/\/$/, "") : pathname;
    const match = known.find(({ route, pattern }) => route.method === request.method && pattern.test(path));
    if (!match) {
      response.writeHead(404).end();
      return;
    }
    const groups = Object.entries(match.pattern.exec(path)?.groups ?? {});
    const params = Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
    toEvent(request, path, params)
      .then((event) => match.handler(event, context))
      .then(
        ({ statusCode, headers, body }) => {
          const texts = Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]);
          response.writeHead(statusCode ?? 200, Object.fromEntries(texts)).end(body);
        },
        (error: Error) => response.writeHead(599).end(error.stack),
      );
  });
  // Clients end their connections: a test that is late must not meet one that is just being closed.
  server.keepAliveTimeout = 0;
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

function patternOf(prefix: string, path: string): RegExp {
  const inner = path
    .replace(/\/$/, "")
    .replaceAll(".", "\\.")
    .replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
  return new RegExp(`^${prefix}${inner}/?$`);
}

/** The event that API Gateway would make of the request: its headers are those that came, and no others. */
async function toEvent(
  request: IncomingMessage,
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<APIGatewayProxyEventV2> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { searchParams } = new URL(request.url ?? "/", "http://localhost");
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  const event = httpEvent({
    method: request.method ?? "GET",
    path,
    params,
    ...(searchParams.size > 0 ? { query: Object.fromEntries(searchParams) } : {}),
  });
  return {
    ...event,
    headers: Object.fromEntries(headers),
    ...toEventBody(Buffer.concat(chunks), request.headers["content-type"]),
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
