// A listener's second protocol: a client changes to it on a connection that the guard has admitted (RFC 9110, 7.8).

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Problem } from "../../../lib/http/problem.ts";
import { type AdmissionRules, admit } from "./admission.ts";
import { answerRaw } from "./unreadable.ts";

/** A connection that has changed to the protocol. */
export interface Upgraded {
  /** Takes no further request, and closes the connection when those it has are answered. */
  end(): void;
}

export interface UpgradeProtocol {
  /** As in the header `Upgrade`, in lower case. */
  readonly protocol: string;
  /**
   * Takes an admitted connection over: answers `request`, by {@link switchProtocol} for example. `first`: bytes that have arrived
   * behind it. Errors of the connection need no listener.
   */
  take(connection: Duplex, request: IncomingMessage, first: Buffer): Upgraded;
}

/** Answers that the connection changes to `protocol`. Its data can be read from then on. */
export function switchProtocol(connection: Duplex, protocol: string, first: Buffer): void {
  connection.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${protocol}\r\n\r\n`);
  if (first.length > 0) connection.unshift(first);
}

/** The connections of one listener that have changed to the protocol. */
export class Upgrades {
  readonly #rules: AdmissionRules;
  readonly #offered: UpgradeProtocol | undefined;
  readonly #open = new Map<Duplex, Upgraded>();
  #ending = false;

  constructor(rules: AdmissionRules, offered: UpgradeProtocol | undefined) {
    this.#rules = rules;
    this.#offered = offered;
  }

  /** Whether `request` asks for it. Others are answered as if they had no `Upgrade`, which a server may ignore. */
  isWanted({ method, headers }: IncomingMessage): boolean {
    return (
      method === "GET" &&
      // Names of protocols are compared without regard to case (RFC 9110, 7.8).
      headers.upgrade?.toLowerCase() === this.#offered?.protocol &&
      headers["content-length"] === undefined &&
      headers["transfer-encoding"] === undefined
    );
  }

  /** Changes, unless the guard refuses it. `first`: bytes that have arrived behind the request. */
  take(request: IncomingMessage, connection: Duplex, first: Buffer): void {
    // Ignored: the client was killed. An error without a listener would end this process.
    connection.on("error", () => {});
    // The server's limit of silence stays set; Node leaves it to others to act on it.
    connection.on("timeout", () => connection.destroy());
    const { method = "GET", url = "/", httpVersion, headers, rawHeaders } = request;
    const offered = this.#offered;
    if (offered === undefined || this.#ending) return void connection.destroy();
    try {
      request.url = admit({ method, url, httpVersion, headers, rawHeaders }, this.#rules);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      answerRaw(error, headers, connection);
      return;
    }
    this.#open.set(connection, offered.take(connection, request, first));
    connection.once("close", () => this.#open.delete(connection));
  }

  end(): void {
    this.#ending = true;
    for (const upgraded of this.#open.values()) upgraded.end();
  }

  destroy(): void {
    for (const connection of this.#open.keys()) connection.destroy();
  }
}
