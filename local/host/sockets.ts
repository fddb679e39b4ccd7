// WebSocket connections on a service's own listener, as API Gateway keeps them: its functions are invoked for each connection, each
// message and each end. `ws` is loaded by the first connection.

import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import { RETRY_SCOPE } from "../../lib/core/retry-after.ts";
import { Problem } from "../../lib/http/problem.ts";
import type { HeldSocket, HeldSockets } from "../../lib/live/sockets.ts";
import { answerRaw } from "../shared/listener/unreadable.ts";
import type { Upgraded, UpgradeProtocol } from "../shared/listener/upgrade.ts";
import { targetOf } from "./event.ts";
import { failure, type HostedFunction, InvocationContext } from "./invoke.ts";
import { type SocketOrigin, type SocketRoute, toSocketEvent } from "./socket-event.ts";

export interface SocketHostOptions {
  /** The path of the WebSocket API. */
  readonly path: string;
  readonly functions: Readonly<Record<SocketRoute, HostedFunction>>;
  /** Host and port at which other instances reach this listener. */
  readonly domainName: () => string;
  readonly held: HeldSockets;
  readonly limits?: Partial<SocketLimits>;
}

export interface SocketLimits {
  readonly connections: number;
  /** Of one message from a client. */
  readonly messageBytes: number;
  /** Messages of one connection that wait. */
  readonly waiting: number;
  /** That a client has not read: beyond it, it is cut off. */
  readonly unreadBytes: number;
  /** A client is asked for a sign of life so often, in milliseconds, and is cut off when none came until the next time. */
  readonly pingMs: number;
  /** The longest life of a connection, in milliseconds: API Gateway's. */
  readonly longestMs: number;
}

const LIMITS: SocketLimits = {
  connections: 1_500,
  messageBytes: 4 * 1024,
  waiting: 16,
  unreadBytes: 1024 * 1024,
  pingMs: 30_000,
  longestMs: 2 * 3_600_000,
};

/** A beat that comes after so many times its interval is late: this process stalled, and signs of life may lie unread. */
const LATE = 1.5;

/** Milliseconds for which a client may answer that the connection is closed. */
const CLOSE_MS = 1_000;

/** Close codes (RFC 6455, 7.4.1). */
const CODES = { goingAway: 1001, noText: 1003, tooManyMessages: 1008 } as const;

/** The protocol `websocket` of a listener. */
export function socketHost(options: SocketHostOptions): UpgradeProtocol {
  const limits = { ...LIMITS, ...options.limits };
  const open = new Set<HostedSocket>();
  let beat: NodeJS.Timeout | undefined;
  const keepBeating = () => {
    if (beat !== undefined) return;
    let last = performance.now();
    beat = setInterval(() => {
      const now = performance.now();
      const stalled = now - last > LATE * limits.pingMs;
      last = now;
      for (const socket of open) socket.beat(stalled);
      if (open.size > 0) return;
      clearInterval(beat);
      beat = undefined;
    }, limits.pingMs).unref();
  };
  return {
    protocol: "websocket",
    take(connection, request, first) {
      const { rawPath } = targetOf(request.url ?? "/");
      if (rawPath !== options.path && `${rawPath}/` !== options.path)
        return refused(
          connection,
          request,
          new Problem(404, "route_not_found", "There is no live connection here."),
        );
      if (open.size >= limits.connections)
        return refused(
          connection,
          request,
          new Problem(503, "too_many_connections", "Try again at another instance.", {
            headers: { "retry-after": "1", [RETRY_SCOPE.name]: RETRY_SCOPE.connections },
          }),
        );
      const socket = new HostedSocket(options, limits, connection, request);
      open.add(socket);
      connection.once("close", () => open.delete(socket));
      keepBeating();
      void socket.open(first);
      return socket;
    },
  };
}

function refused(connection: Duplex, request: IncomingMessage, problem: Problem): Upgraded {
  answerRaw(problem, request.headers, connection);
  return { end() {} };
}

class HostedSocket implements Upgraded, HeldSocket {
  readonly #options: SocketHostOptions;
  readonly #limits: SocketLimits;
  readonly #connection: Duplex;
  readonly #origin: SocketOrigin;
  readonly #openedAt = performance.now();
  #socket: WebSocket | undefined;
  #alive = true;
  #ending = false;
  #waiting = 0;
  /** Ends when all messages so far were handled. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    options: SocketHostOptions,
    limits: SocketLimits,
    connection: Duplex,
    request: IncomingMessage,
  ) {
    this.#options = options;
    this.#limits = limits;
    this.#connection = connection;
    this.#origin = {
      connectionId: randomBytes(12).toString("base64url"),
      domainName: options.domainName(),
      connectedAt: Date.now(),
      request,
    };
  }

  /** Asks `$connect`, and changes to the protocol or refuses. Never rejects. */
  async open(first: Buffer): Promise<void> {
    const { request } = this.#origin;
    const reply = await this.#invoke("$connect");
    const accepted = reply.statusCode >= 200 && reply.statusCode < 300;
    if (!accepted) {
      answerRaw(problemOf(reply), request.headers, this.#connection);
      return;
    }
    if (this.#connection.destroyed) {
      await this.#invoke("$disconnect");
      return;
    }
    const chosen = Object.entries(reply.headers ?? {}).find(([name]) => name.toLowerCase() === PROTOCOL);
    const server = await webSockets(this.#limits.messageBytes);
    // What `ws` refuses, it answers itself, and closes the connection.
    this.#connection.once("close", () => void this.#invoke("$disconnect"));
    if (chosen !== undefined) protocols.set(request, String(chosen[1]));
    server.handleUpgrade(request, this.#connection, first, (socket) => this.#opened(socket));
  }

  send(text: string): boolean {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== OPEN) return false;
    if (socket.bufferedAmount > this.#limits.unreadBytes) {
      socket.terminate();
      return false;
    }
    socket.send(text);
    return true;
  }

  close(code: number, reason: string): void {
    this.#ending = true;
    this.#socket?.close(code, reason);
    setTimeout(() => this.#connection.destroy(), CLOSE_MS).unref();
  }

  end(): void {
    this.close(CODES.goingAway, "the service stops");
  }

  /** Looks for a sign of life, unless the process `stalled` and may not have read it yet, and for its age. */
  beat(stalled: boolean): void {
    if (!this.#alive && !stalled) {
      this.#socket?.terminate();
      return;
    }
    if (performance.now() - this.#openedAt > this.#limits.longestMs)
      this.close(CODES.goingAway, "connect again");
    this.#alive = false;
    if (this.#socket?.readyState === OPEN) this.#socket.ping();
  }

  #opened(socket: WebSocket): void {
    this.#socket = socket;
    const remove = this.#options.held.add(this.#origin.connectionId, this);
    socket.on("close", remove);
    // The close of the connection follows.
    socket.on("error", () => {});
    socket.on("pong", () => {
      this.#alive = true;
    });
    socket.on("message", (data, binary) => this.#take(data, binary));
    if (this.#ending) this.end();
  }

  #take(data: Buffer, binary: boolean): void {
    this.#alive = true;
    if (this.#ending) return;
    if (binary) {
      this.close(CODES.noText, "texts only");
      return;
    }
    if (this.#waiting >= this.#limits.waiting) {
      this.close(CODES.tooManyMessages, "too many messages");
      return;
    }
    this.#waiting += 1;
    this.#turn = this.#turn.then(async () => {
      await this.#invoke("$default", data.toString("utf8"));
      this.#waiting -= 1;
    });
  }

  /** Never rejects: a function that fails answers 500, as on AWS. */
  async #invoke(route: SocketRoute, body?: string): Promise<SocketResult> {
    const hosted = this.#options.functions[route];
    try {
      const context = new InvocationContext(hosted, NO_CLIENT);
      return resultOf(await hosted.invoke(toSocketEvent(route, this.#origin, body), context));
    } catch (error) {
      hosted.report(error);
      return { statusCode: 500 };
    }
  }
}

interface SocketResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: string;
}

function resultOf(result: unknown): SocketResult {
  if (typeof result !== "object" || result === null || !("statusCode" in result)) return { statusCode: 500 };
  const headers = "headers" in result && typeof result.headers === "object" ? result.headers : null;
  const body = "body" in result && typeof result.body === "string" ? result.body : undefined;
  return {
    statusCode: Number(result.statusCode),
    headers: { ...headers },
    ...(body === undefined ? {} : { body }),
  };
}

/** The refusal that a function answered. */
function problemOf({ statusCode, headers = {}, body = "" }: SocketResult): Problem {
  const { code, detail } = {
    code: "connection_refused",
    detail: "The connection is refused.",
    ...partsOf(body),
  };
  if (statusCode >= 500 && body === "") return failure();
  const kept = Object.entries(headers).filter(([name]) => KEPT.includes(name.toLowerCase()));
  return new Problem(statusCode, code, detail, {
    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
  });
}

const KEPT = ["www-authenticate", "retry-after"];

function partsOf(body: string): { code?: string; detail?: string } {
  const parsed: unknown = body.startsWith("{") ? JSON.parse(body) : {};
  if (typeof parsed !== "object" || parsed === null) return {};
  return {
    ...("code" in parsed ? { code: String(parsed.code) } : {}),
    ...("detail" in parsed ? { detail: String(parsed.detail) } : {}),
  };
}

const OPEN = 1;
const PROTOCOL = "sec-websocket-protocol";
const NO_CLIENT = { onHangUp() {}, send() {}, refuse() {} };

/** The subprotocols that functions chose. */
const protocols = new WeakMap<IncomingMessage, string>();
const servers = new Map<number, Promise<WebSocketServer>>();

function webSockets(maxPayload: number): Promise<WebSocketServer> {
  const known = servers.get(maxPayload);
  if (known !== undefined) return known;
  const loading = import("ws").then(
    ({ WebSocketServer }) =>
      new WebSocketServer({
        noServer: true,
        clientTracking: false,
        perMessageDeflate: false,
        maxPayload,
        handleProtocols: (_, request) => protocols.get(request) ?? false,
      }),
  );
  servers.set(maxPayload, loading);
  return loading;
}
