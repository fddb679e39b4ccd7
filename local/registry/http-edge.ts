// The HTTP edge: reads a request within limits, finds its route, writes the reply. No request can crash the process.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../lib/observability/log.ts";
import type { Answer } from "../shared/listener/http-server.ts";
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

/** A listener for {@link httpListener} that serves the routes. Every request gets exactly one reply. */
export function serve({ open, guarded, check }: ServedRoutes, log: Log): Answer {
  const handlers = new Map(Object.entries(open));
  for (const [route, handler] of Object.entries(guarded)) {
    handlers.set(route, (request) => {
      check(credentialsOf(request));
      return handler(request);
    });
  }
  return (request, response) => {
    const refuse = (cause: unknown) => write(response, refusal(cause, request, log));
    const answer = (handler: Handler, query: string, body: Buffer) => {
      try {
        const reply = handler({
          params: new Params(new URLSearchParams(query), form(request, body)),
          headers: request.headers,
          // Read when it is needed: it costs a system call.
          get remoteAddress() {
            return request.socket.remoteAddress ?? "";
          },
          onClose: (listener) => response.once("close", listener),
        });
        // Most replies are there at once; promises for them all would be much of what a heartbeat costs.
        if (reply instanceof Promise) reply.then((late) => write(response, late)).catch(refuse);
        else write(response, reply);
      } catch (cause) {
        refuse(cause);
      }
    };
    const [path, query] = split(request.url ?? "/", "?");
    const handler = path.startsWith(`${PREFIX}/`)
      ? handlers.get(`${request.method} ${path.slice(PREFIX.length)}`)
      : undefined;
    if (handler === undefined) {
      request.resume();
      refuse(new RequestError(404, "no_such_route", `No such API: ${request.method} ${path}`));
    } else if (request.mayHaveBody) request.gather((body) => answer(handler, query, body));
    else answer(handler, query, NO_BODY);
  };
}

const NO_BODY = Buffer.alloc(0);
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

/** @throws {RequestError} when the body is no form. */
function form({ headers }: IncomingMessage, body: Buffer): URLSearchParams | undefined {
  if (body.length === 0) return undefined;
  const type = headers["content-type"] ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) {
    throw new RequestError(415, "not_a_form", "The body must be application/x-www-form-urlencoded.");
  }
  return new URLSearchParams(body.toString("utf8"));
}

function refusal(cause: unknown, { url }: IncomingMessage, log: Log): ApiReply {
  if (cause instanceof RequestError) {
    if (url?.startsWith(`${PREFIX}/v3/`)) return v3Refusal(cause);
    return { status: cause.status, body: cause.message };
  }
  log.error({ err: cause }, "registry request failed");
  return { status: 500, body: "The registry failed to answer." };
}

function write(response: ServerResponse, reply: ApiReply): void {
  if (response.destroyed || response.headersSent) return;
  const status = reply.status ?? 200;
  response.writeHead(status, {
    "content-type":
      reply.type === "application/json" ? "application/json;charset=UTF-8" : "text/plain;charset=UTF-8",
    "content-length": Buffer.byteLength(reply.body),
    ...reply.headers,
  });
  response.end(reply.body);
}

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
