// Opens a connection for a protocol of our own: HTTP's Upgrade (RFC 9110, 7.8) on the port of a server's HTTP API.

import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { request } from "./node-http.ts";

/** The server does not have the protocol, or not for this client; its HTTP API may be used. */
export class UpgradeRefused extends Error {
  constructor(protocol: string, status: number) {
    super(`The server does not take ${protocol}: ${status}`);
    this.name = "UpgradeRefused";
  }
}

export interface Upgrading {
  /** Rejects with {@link UpgradeRefused}, or when no connection can be made. */
  readonly socket: Promise<Socket>;
  /** Gives it up; `socket` rejects, unless it has resolved. */
  abort(reason: Error): void;
}

/**
 * Connects to the server at the origin `url` (`http://127.0.0.1:4567`), and changes to `protocol`, its name and version as in `Upgrade`.
 * Has no time limit of its own.
 */
export function upgrade(url: string, protocol: string): Upgrading {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const headers = { connection: "Upgrade", upgrade: protocol };
  const asking: ClientRequest = request(url, { agent: false, headers });
  asking.on("error", reject);
  asking.on("upgrade", (response, socket, first) => {
    // An error without a listener would end this process.
    socket.on("error", () => {});
    if (response.headers.upgrade !== protocol) {
      socket.destroy();
      reject(new Error("The server changed to another protocol"));
      return;
    }
    socket.setNoDelay(true);
    if (first.length > 0) socket.unshift(first);
    resolve(socket);
  });
  asking.on("response", (response) => {
    asking.destroy();
    reject(failure(protocol, response));
  });
  asking.end();
  return { socket: promise, abort: (reason) => asking.destroy(reason) };
}

/** A server may ignore `Upgrade`. A 5xx is no refusal: it may be gone at the next try. */
function failure(protocol: string, { statusCode = 0 }: IncomingMessage): Error {
  return statusCode < 500
    ? new UpgradeRefused(protocol, statusCode)
    : new Error(`The server answered ${statusCode}`);
}
