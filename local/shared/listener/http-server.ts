// The one way to listen for HTTP here. Whatever serves requests is a function behind this guard.

import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { Problem } from "../../../lib/http/problem.ts";
import { type AdmissionRules, admit, bodyTooLarge } from "./admission.ts";
import { BoundedMessage } from "./bounded-message.ts";
import { allowOrigin, answerPreflight, isPreflight } from "./cors.ts";
import { HTTP_LIMITS, type HttpLimits } from "./limits.ts";
import { type Address, listenAt, type Reach } from "./listen.ts";
import { refuse } from "./refuse.ts";
import { answerUnreadable, type Exchange } from "./unreadable.ts";

export interface HttpListenerOptions extends AdmissionRules {
  readonly reach: Reach;
  readonly limits?: Partial<HttpLimits>;
}

/** How often connections are looked at for those limits. */
const CHECK_MS = 1_000;

export interface HttpListener {
  /** Resolves with the port. @throws Node's own error (`EADDRINUSE`) when the address can't be had. */
  listen(address: Address): Promise<number>;
  /** Listens no more; resolves when what is under way has ended, or was cut off after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** A server that passes to `answer` only what the guard lets in. Not yet listening. */
export function httpListener(options: HttpListenerOptions, answer: RequestListener): HttpListener {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const server = createServer({
    IncomingMessage: BoundedMessage,
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: CHECK_MS,
  });
  server.timeout = limits.silentMs;
  server.maxConnections = limits.connections;
  const last = new WeakMap<Duplex, Exchange>();
  const take = (request: BoundedMessage, response: ServerResponse): boolean => {
    last.set(request.socket, { request, response });
    return enter(options, request, response);
  };
  server.on("request", (request, response) => {
    if (take(request, response)) answer(request, response);
  });
  // Who waits for a "continue" with a large body is refused before sending it.
  server.on("checkContinue", (request, response) => {
    if (!take(request, response)) return;
    response.writeContinue();
    answer(request, response);
  });
  server.on("clientError", (error, socket) => answerUnreadable(error, socket, last.get(socket)));
  return {
    listen: (address) => listenAt(server, address, options.reach),
    close: (graceMs) => closed(server, graceMs),
  };
}

/** False when the request was answered here: it was refused, or is a browser's question. */
function enter(rules: AdmissionRules, request: BoundedMessage, response: ServerResponse): boolean {
  const { method = "GET", url = "/", httpVersion, headers, rawHeaders } = request;
  const { maxBodyBytes, origins } = rules;
  request.limitBody(maxBodyBytes, () => refuse(bodyTooLarge(maxBodyBytes), request, response));
  try {
    allowOrigin(origins, headers, response);
    request.url = admit({ method, url, httpVersion, headers, rawHeaders }, rules);
    if (!isPreflight(method, headers)) return true;
    answerPreflight(response);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    refuse(error, request, response);
  }
  return false;
}

async function closed(server: Server, graceMs: number): Promise<void> {
  const late = Number.isFinite(graceMs) ? setTimeout(() => server.closeAllConnections(), graceMs) : undefined;
  // A connection whose request is answered by now would stay for the client's next one.
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(late);
  clearInterval(idle);
}
