// The HTTP listener of every part of the local runtime: a guard in front of a function that answers requests.

import type { Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { createServer } from "../../../lib/core/node-http.ts";
import { Problem } from "../../../lib/http/problem.ts";
import { type AdmissionRules, admit, bodyTooLarge } from "./admission.ts";
import { BoundedMessage } from "./bounded-message.ts";
import { allowOrigin, answerPreflight, isPreflight } from "./cors.ts";
import { Balancer, leavingProblem } from "./leaving.ts";
import { type HttpLimits, httpLimits } from "./limits.ts";
import { type Address, listenAt, listenAtPath, type Reach } from "./listen.ts";
import { LINGER_MS, refuse } from "./refuse.ts";
import { answerUnreadable, type LastRequest } from "./unreadable.ts";
import { type UpgradeProtocol, Upgrades } from "./upgrade.ts";

export interface HttpListenerOptions extends AdmissionRules {
  readonly reach: Reach;
  readonly limits?: Partial<HttpLimits>;
  /** A protocol that clients may change to. Connections keep the limits of number and silence. */
  readonly upgrade?: UpgradeProtocol;
}

/** Share of the limit for a head after which the connections are checked against their time limits: a client has so much longer. */
const CHECKED_AFTER = 0.25;

export interface HttpListener {
  /** Listens. Resolves with the port. @throws Node's own error (`EADDRINUSE`) when the address can't be had. */
  open(address: Address): Promise<number>;
  /** Listens on a local socket, or a named pipe of Windows. @throws Node's own error. */
  openPath(path: string): Promise<void>;
  /** Number of requests whose head has arrived and that are not answered yet. */
  underWay(): number;
  /** Number of open connections. */
  connections(): Promise<number>;
  /**
   * From now on each reply closes its connection, so that no client sends its next request on one that is about to end, and a
   * balancer is told to ask another instance. Upgraded connections end.
   */
  letGo(): void;
  /** After {@link letGo}: whether a balancer in front of this sends nothing here for now, or there is none. */
  leftOut(): boolean;
  /** Stops listening; resolves when requests in progress have ended, or were aborted after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Answers an admitted request. */
export type Answer = (request: BoundedMessage, response: ServerResponse) => void;

/** A server that passes only admitted requests to `answer`. Not yet listening. */
export function httpListener(options: HttpListenerOptions, answer: Answer): HttpListener {
  const limits = { ...httpLimits(), ...options.limits };
  const upgrades = new Upgrades(options, options.upgrade);
  const server = createServer({
    IncomingMessage: BoundedMessage,
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    // Kept open as long again: a busy client that sends its next request late must not meet a connection that is just being closed.
    keepAliveTimeoutBuffer: limits.idleMs,
    connectionsCheckingInterval: Math.ceil(limits.headMs * CHECKED_AFTER),
    shouldUpgradeCallback: (request) => upgrades.isWanted(request),
  });
  server.timeout = limits.silentMs;
  server.maxConnections = limits.connections;
  const lastRequests = new WeakMap<Duplex, LastRequest>();
  const unanswered = new Set<ServerResponse>();
  const balancer = new Balancer();
  let draining = false;
  const take = (request: BoundedMessage, response: ServerResponse): boolean => {
    const { socket } = request;
    if (draining) response.shouldKeepAlive = false;
    unanswered.add(response);
    response.once("close", () => unanswered.delete(response));
    const isOver = lastRequests.get(socket)?.refused === true;
    if (isOver) {
      // Ignores requests after a refusal that closes the connection (RFC 9112, 9.6).
      response.destroy();
      return false;
    }
    const exchange = { request, response, refused: false };
    lastRequests.set(socket, exchange);
    const refuseIt = (problem: Problem) => {
      exchange.refused = problem.headers["connection"] === "close";
      refuse(problem, request, response);
    };
    if (balancer.turnsAway(request.headers, draining)) {
      refuseIt(leavingProblem());
      return false;
    }
    return !enter(options, request, response, refuseIt);
  };
  server.on("request", (request, response) => {
    if (take(request, response)) answer(request, response);
  });
  // A client that waits for "100 Continue" is refused before it sends a large body.
  server.on("checkContinue", (request, response) => {
    if (!take(request, response)) return;
    response.writeContinue();
    answer(request, response);
  });
  server.on("upgrade", (request, socket, first) => {
    // A reply that is under way must not be mixed with the other protocol.
    if (lastRequests.get(socket)?.response.writableFinished === false) socket.destroy();
    else upgrades.take(request, socket, first);
  });
  server.on("clientError", (error, socket) => answerUnreadable(error, socket, lastRequests.get(socket)));
  function letGo(): void {
    draining = true;
    upgrades.end();
    for (const response of unanswered) response.shouldKeepAlive = false;
  }
  return {
    open: (address) => listenAt(server, address, options.reach),
    openPath: (path) => listenAtPath(server, path),
    underWay: () => unanswered.size,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    letGo,
    leftOut: () => balancer.leavesOut(),
    close(graceMs) {
      letGo();
      return closed(server, upgrades, graceMs);
    },
  };
}

/** True when the request was answered here: it was refused, or is a preflight. */
function enter(
  rules: AdmissionRules,
  request: BoundedMessage,
  response: ServerResponse,
  refuseIt: (problem: Problem) => void,
): boolean {
  const { method = "GET", url = "/", httpVersion, headers, rawHeaders } = request;
  const { maxBodyBytes, origins } = rules;
  request.limitBody(maxBodyBytes, () => refuseIt(bodyTooLarge(maxBodyBytes)));
  closeAfterLateBody(request, response);
  try {
    allowOrigin(origins, headers, response);
    request.url = admit({ method, url, httpVersion, headers, rawHeaders }, rules);
    if (!isPreflight(method, headers)) return false;
    answerPreflight(response);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    refuseIt(error);
  }
  return true;
}

/** Closes the connection of a client that continues to send a body after the reply, which Node would read without a limit. */
function closeAfterLateBody(request: BoundedMessage, response: ServerResponse): void {
  const { headers, socket } = request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return;
  response.once("finish", () => {
    if (request.complete) return;
    const late = setTimeout(() => socket.destroy(), LINGER_MS);
    request.once("end", () => clearTimeout(late));
    socket.once("close", () => clearTimeout(late));
  });
}

async function closed(server: Server, upgrades: Upgrades, graceMs: number): Promise<void> {
  const abort = () => {
    server.closeAllConnections();
    upgrades.destroy();
  };
  const late = Number.isFinite(graceMs) ? setTimeout(abort, graceMs) : undefined;
  // Otherwise a connection without a request would stay open for the client's next one.
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  clearTimeout(late);
  clearInterval(idle);
}
