// The HTTP edge: reads a request within limits, finds its route, writes the reply. No request can crash the process.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../lib/observability/log.ts";
import type { CheckAccess, Credentials } from "./account.ts";
import type { ApiReply } from "./api-reply.ts";
import { Params } from "./params.ts";
import { RequestError } from "./request-error.ts";
import { v3Refusal } from "./v3-reply.ts";

export interface ApiRequest {
  readonly params: Params;
  readonly headers: IncomingMessage["headers"];
  /** The peer's address from the socket, not from the request. */
  readonly remoteAddress: string;
  /** Registers a callback for the end of the exchange, also when the client closes the connection. */
  readonly onClose: (listener: () => void) => void;
}

export type Handler = (request: ApiRequest) => ApiReply | Promise<ApiReply>;

/** Keyed by `METHOD /path`, without the `/nacos` prefix. */
export type Routes = Readonly<Record<string, Handler>>;

export interface ServedRoutes {
  /** Served to everybody: logging in, and whether the registry is up. */
  readonly open: Routes;
  /** Served to those whose credentials `check` accepts. */
  readonly guarded: Routes;
  readonly check: CheckAccess;
}

const PREFIX = "/nacos";

/** A listener for `node:http` that serves the routes. Every request gets exactly one reply. */
export function serve(
  { open, guarded, check }: ServedRoutes,
  log: Log,
): (request: IncomingMessage, response: ServerResponse) => void {
  const handlers = new Map(Object.entries(open));
  for (const [route, handler] of Object.entries(guarded)) {
    handlers.set(route, (request) => {
      check(credentialsOf(request));
      return handler(request);
    });
  }
  return (request, response) => {
    answer(handlers, request, response)
      .catch((cause: unknown) => refusal(cause, request, log))
      .then((reply) => write(response, reply ?? { body: "" }));
  };
}

async function answer(
  handlers: ReadonlyMap<string, Handler>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<ApiReply> {
  const [path = "", query = ""] = split(request.url ?? "/", "?");
  const handler = handlers.get(`${request.method} ${path.slice(PREFIX.length)}`);
  if (!path.startsWith(`${PREFIX}/`) || handler === undefined) {
    request.resume();
    throw new RequestError(404, "no_such_route", `No such API: ${request.method} ${path}`);
  }
  return handler({
    params: new Params(new URLSearchParams(query), await form(request)),
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress ?? "",
    onClose: (listener) => response.once("close", listener),
  });
}

const BEARER = "Bearer ";

/** As Nacos reads them: the token from the header, or else from the parameter. */
function credentialsOf({ params, headers: { authorization = "" } }: ApiRequest): Credentials {
  const token = authorization.startsWith(BEARER) ? authorization.slice(BEARER.length) : "";
  return {
    token: token || params.optional("accessToken"),
    username: params.optional("username"),
    password: params.optional("password"),
  };
}

async function form(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    chunks.push(chunk);
  }
  if (length === 0) return undefined;
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) {
    throw new RequestError(415, "not_a_form", "The body must be application/x-www-form-urlencoded.");
  }
  return new URLSearchParams(Buffer.concat(chunks, length).toString("utf8"));
}

function refusal(cause: unknown, { url }: IncomingMessage, log: Log): ApiReply {
  if (cause instanceof RequestError) {
    if (url?.startsWith(`${PREFIX}/v3/`)) return v3Refusal(cause);
    return { status: cause.status, body: cause.message };
  }
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  // The client closed the connection while sending: not an error of the registry.
  if (code === "ECONNRESET" || code === "ABORT_ERR")
    return { status: 400, body: "The request is incomplete." };
  log.error({ err: cause }, "registry request failed");
  return { status: 500, body: "The registry failed to answer." };
}

function write(response: ServerResponse, reply: ApiReply): void {
  if (response.destroyed || response.headersSent) return;
  const status = reply.status ?? 200;
  const body = Buffer.from(reply.body);
  response.writeHead(status, {
    "content-type": `${reply.type ?? "text/plain"};charset=UTF-8`,
    "content-length": body.length,
    ...reply.headers,
  });
  response.end(body);
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
