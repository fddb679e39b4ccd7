// The gateway: one port in front of all services, as API Gateway is on AWS. Same routes, any instance, a rate limit.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceDefinition } from "../../functions/services.ts";
import type { Tokens } from "../../lib/auth/tokens.ts";
import type { Config } from "../../lib/config/env.ts";
import type { Match } from "../../lib/contract/matcher.ts";
import { REQUEST_TIMEOUT_MS } from "../../lib/core/scope.ts";
import type { Discovery } from "../../lib/discovery/index.ts";
import { pathUnknown } from "../../lib/http/fallback.ts";
import { methodNotAllowed } from "../../lib/http/methods.ts";
import { CLIENT_CLOSED, Problem, problemJson } from "../../lib/http/problem.ts";
import { knownMethod, servedName } from "../../lib/observability/http-method.ts";
import type { Log } from "../../lib/observability/log.ts";
import { meter } from "../../lib/observability/meter.ts";
import { beginServing, type RequestUnderWay } from "../../lib/observability/served-request.ts";
import { inSpan } from "../../lib/observability/span.ts";
import { spanPath } from "../../lib/observability/span-path.ts";
import {
  continueTrace,
  spanContextOf,
  type Trace,
  traceFields,
  traceOf,
  traceparentOf,
} from "../../lib/observability/trace.ts";
import { servedNames } from "../shared/listener/hosts.ts";
import { httpListener } from "../shared/listener/http-server.ts";
import { API_BODY_BYTES } from "../shared/listener/limits.ts";
import { clientOf } from "./client.ts";
import { forwarder, GATEWAY, passOn } from "./exchange.ts";
import { replyHeaders } from "./headers.ts";
import { type Page, pages } from "./pages.ts";
import { RateLimit } from "./rate-limit.ts";
import { type GatewayRoute, gatewayRoutes } from "./routes.ts";
import { upgradeForwarder } from "./upgrade.ts";
import { createUpstream } from "./upstream.ts";

export interface GatewaySettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly config: Pick<Config, "DEBUG" | "ALLOWED_HOSTS" | "CORS_ORIGINS" | "GATEWAY_RATE_LIMIT">;
  readonly services: readonly ServiceDefinition[];
  readonly discovery: Pick<Discovery, "callBy" | "observe" | "status">;
  readonly tokens: Tokens;
  readonly log: Log;
  /** Where the control room is; undefined where there is none. */
  readonly controlRoom?: () => string | undefined;
}

export interface Gateway {
  readonly port: number;
  /** Accepts no more requests, and waits for those in progress, at most as long as a service may take. */
  close(): Promise<void>;
}

const DRAIN_MS = REQUEST_TIMEOUT_MS + 1_000;

/** Listens; rejects with Node's own error (`EADDRINUSE`) when it cannot. */
export async function startGateway(settings: GatewaySettings): Promise<Gateway> {
  const { config, host } = settings;
  const upstream = createUpstream();
  const listener = httpListener(
    {
      reach: "configured",
      hosts: servedNames(config),
      origins: config.CORS_ORIGINS,
      maxBodyBytes: API_BODY_BYTES,
      upgrade: upgradeForwarder(settings.services, settings.discovery),
    },
    answerer(settings, forwarder(settings.discovery, upstream)),
  );
  const port = await listener.open({ host, port: settings.port });
  return {
    port,
    async close() {
      await listener.close(DRAIN_MS);
      upstream.close();
    },
  };
}

function answerer(
  { config, services, discovery, tokens, log, controlRoom = () => undefined }: GatewaySettings,
  ask: ReturnType<typeof forwarder>,
): (request: IncomingMessage, response: ServerResponse) => void {
  const match = gatewayRoutes(services, config.DEBUG);
  const page = pages({ services, discovery, debug: config.DEBUG });
  const perSecond = config.GATEWAY_RATE_LIMIT;
  const limit = perSecond > 0 ? new RateLimit(perSecond, () => performance.now()) : undefined;

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    { url, found }: Wanted,
    trace: Trace,
  ): Promise<void> {
    if (url === null) throw new Problem(400, "bad_request", "The request's target could not be read.");
    const { pathname, search } = url;
    const room = pathname === "/" && wantsPage(request) ? controlRoom() : undefined;
    if (room !== undefined) return show(seeOther(room), response, trace);
    if (found === undefined) throw pathUnknown();
    if (!("route" in found)) throw methodNotAllowed(found.allowed);
    const wait = limit?.take(await clientOf(request, tokens, config.DEBUG)) ?? 0;
    if (wait > 0) throw tooMany(wait);
    const { method, target, keyed = false } = found.route;
    if (target.kind !== "service") return show(await page(target, pathname), response, trace);
    const reply = await ask(request, {
      service: target.service,
      method: request.method === "HEAD" ? "HEAD" : method,
      path: pathname.slice(target.stripped) + search,
      keyed,
      traceparent: trace.traceparent,
      signal: goneSignal(response),
    });
    await passOn(reply, replyHeaders(reply.rawHeaders), response);
  }

  function wantedBy({ url: asked = "/", method = "GET" }: IncomingMessage): Wanted {
    const url = URL.parse(`http://gateway${asked}`);
    return { url, found: url === null ? undefined : match(method, url.pathname) };
  }

  function report(error: unknown, fields: object): void {
    const known = error instanceof Problem;
    if (known && error.status >= 500) log.warn({ ...fields, code: error.code }, error.message);
    else if (!known && !clientLeft(error)) log.warn({ ...fields, err: error }, "a reply was aborted");
  }

  return (request, response) => {
    const wanted = wantedBy(request);
    measure(request, response, wanted);
    const serving = serve(request, response, wanted);
    const trace = serving === undefined ? traceOfRequest(request) : traceOf(serving.traceparent);
    inSpan(serving?.span, () => answer(request, response, wanted, trace)).catch((error: unknown) => {
      // The listener has answered already: the body was too large.
      if (response.writableEnded) return;
      const problem = error instanceof Problem ? error : unforeseen();
      if (response.headersSent || response.destroyed) response.destroy();
      else show(refused(problem, trace), response, trace);
      // Queries hold what is secret, such as links to unsubscribe.
      const path = spanPath(request.url?.split("?", 1)[0] ?? "");
      report(error, { ...traceFields(trace.traceparent), method: request.method, path });
    });
  };
}

const clientLeft = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";

/** What a request asks for. */
interface Wanted {
  /** Path and query without dot segments, so that the matched path is the one that is sent; null: it can't be read. */
  readonly url: URL | null;
  readonly found: Match<GatewayRoute>;
}

/** Continues the client's trace; starts one when it is missing or malformed, so that every attempt belongs to it. */
function traceOfRequest({ headers }: IncomingMessage): Trace {
  const given = headers["traceparent"];
  const above = spanContextOf(typeof given === "string" ? given : undefined);
  return above === undefined ? continueTrace(undefined) : traceOf(traceparentOf(above));
}

/** The template of the path that was found; undefined where there is none. */
const routeOf = ({ found }: Wanted): string | undefined =>
  found !== undefined && "route" in found ? found.route.path : undefined;

/** A request as others are told of it, until its reply has ended. Questions for its health are none. */
function serve(
  { method = "GET", url = "/", headers }: IncomingMessage,
  response: ServerResponse,
  wanted: Wanted,
): RequestUnderWay | undefined {
  const given = headers["traceparent"];
  if (/^\/health\/?(?:\?|$)/.test(url)) return undefined;
  const known = knownMethod(method);
  const route = routeOf(wanted);
  const name = servedName(method, route);
  const parent = typeof given === "string" ? given : undefined;
  const serving = beginServing(GATEWAY, name, parent, {
    attributes: () => ({ "http.request.method": known, "url.scheme": "http", "http.route": route }),
    endAttributes: () => ({}),
    // What it forwards is the service's matter.
    idOf: () => undefined,
  });
  if (serving === undefined) return undefined;
  response.once("close", () => {
    const { statusCode, writableFinished, headersSent } = response;
    const code = writableFinished ? String(statusCode) : "aborted";
    const failure = statusCode >= 500 || !writableFinished ? code : undefined;
    serving.end({ status: headersSent ? statusCode : undefined, failure, outside: true });
  });
  return serving;
}

/** Measures a request until its reply has ended, where anything is measured. */
function measure({ method = "GET" }: IncomingMessage, response: ServerResponse, wanted: Wanted): void {
  const measured = meter();
  if (measured === undefined) return;
  const begun = performance.now();
  const route = routeOf(wanted) ?? "*";
  response.once("close", () => {
    const status = response.headersSent ? response.statusCode : CLIENT_CLOSED;
    measured.request(GATEWAY, route, method, status, (performance.now() - begun) / 1_000);
  });
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Whether a browser asks for a page, and no client of the API, which gets the same answer with and without a control room. */
const wantsPage = ({ method, headers }: IncomingMessage): boolean =>
  (method === "GET" || method === "HEAD") && /\btext\/html\b/.test(headers.accept ?? "");

/** The page's own origin is the helper process's, which is there when this process is not. */
const seeOther = (url: string): Page => ({
  status: 303,
  headers: { location: url, vary: "accept" },
  body: "",
});

const PRIVATE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function show({ status, headers, body }: Page, response: ServerResponse, { traceparent }: Trace): void {
  response
    .writeHead(status, { ...PRIVATE, "content-length": Buffer.byteLength(body), ...headers, traceparent })
    .end(body);
}

const refused = (problem: Problem, { traceId }: Trace): Page => ({
  status: problem.status,
  headers: { "content-type": "application/problem+json", ...problem.headers },
  body: problemJson(problem, traceId),
});

const unforeseen = (): Problem =>
  new Problem(
    502,
    "gateway_failed",
    "The gateway failed to forward the request, which may have had an effect.",
  );

const tooMany = (seconds: number): Problem =>
  new Problem(429, "rate_limited", `Too many requests; try again in ${seconds} s.`, {
    headers: { "retry-after": String(seconds) },
  });
