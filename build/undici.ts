// Stands for `undici` in bundles: its Agent, as far as lib/discovery/peer uses it, over Node's own client. undici is 73 KiB of each
// zip and 146 ms of CPU time when a function starts; it pays where a process makes many calls, not where it makes one at a time.

import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from "node:http";
import { request as httpsRequest, Agent as SecureAgent } from "node:https";
import type { Socket } from "node:net";
import type { Dispatcher } from "undici";
import { request as httpRequest, Agent as PlainAgent } from "../lib/core/node-http.ts";
import type { PeerConnections, PeerConnectionsOptions } from "../lib/discovery/peer/peer-http.ts";

/** Connections, kept alive, to any number of servers. */
export class Agent implements PeerConnections {
  readonly #plain: HttpAgent;
  readonly #secure: SecureAgent;
  readonly #connectTimeoutMs: number;

  constructor({ connections, keepAliveTimeout, connect }: PeerConnectionsOptions) {
    // The time-out is that of connections that nothing uses; each request takes it away from its own.
    const kept = { keepAlive: true, maxSockets: connections, timeout: keepAliveTimeout };
    this.#plain = new PlainAgent(kept);
    this.#secure = new SecureAgent(kept);
    this.#connectTimeoutMs = connect.timeout;
  }

  /** Sends the request, and tells `handler` as undici does: `onRequestStart` comes when there is a connection, before anything is written. */
  dispatch(
    { origin, path, method, headers, body }: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    const url = new URL(String(origin));
    const secure = url.protocol === "https:";
    const call = (secure ? httpsRequest : httpRequest)({
      agent: secure ? this.#secure : this.#plain,
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port,
      path,
      method,
      headers: { host: url.host, ...(headers as Record<string, string>) },
    });
    const controller = controllerOf(call);
    let ended = false;
    const fail = (error: Error) => {
      if (ended) return;
      ended = true;
      handler.onResponseError?.(controller, error);
    };
    call.once("socket", (socket: Socket) => {
      socket.setTimeout(0);
      if (!socket.connecting) return handler.onRequestStart?.(controller, {});
      const late = () => call.destroy(new Error("no connection in time"));
      const timer = setTimeout(late, this.#connectTimeoutMs);
      const connected = () => {
        clearTimeout(timer);
        handler.onRequestStart?.(controller, {});
      };
      socket.once(secure ? "secureConnect" : "connect", connected);
      call.once("close", () => clearTimeout(timer));
    });
    call.on("error", fail);
    // Also after a reply that nobody asked for, such as 101, after which nothing else happens.
    call.on("close", () => fail(new Error("The connection ended before the reply did")));
    call.once("response", (reply: IncomingMessage) => {
      handler.onResponseStart?.(controller, reply.statusCode ?? 0, reply.headers);
      reply.on("data", (chunk: Buffer) => handler.onResponseData?.(controller, chunk));
      reply.on("error", fail);
      reply.once("end", () => {
        if (ended) return;
        ended = true;
        handler.onResponseEnd?.(controller, {});
      });
    });
    call.end(body);
    return true;
  }

  /** Closes all connections, also those in use. */
  async destroy(): Promise<void> {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

const controllerOf = (call: ClientRequest): Dispatcher.DispatchController =>
  ({ abort: (reason: Error) => void call.destroy(reason) }) as Dispatcher.DispatchController;
