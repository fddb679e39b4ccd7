// Requests to addresses that users name: webhooks, push services. The name is resolved, every address is checked, and the
// connection goes to a checked one, so a name that changes meanwhile leads nowhere else. Redirects are not followed.

import type { Agent, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { Agent as HttpAgent, request as httpRequest } from "../core/node-http.ts";
import { timeLimit } from "../core/time-limit.ts";
import { dnsLookup, type NameLookup } from "./name-lookup.ts";
import { isPublicAddress } from "./public-address.ts";

export interface OutgoingRequest {
  readonly url: URL;
  readonly method: "POST" | "GET";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /**
   * Requests of one line wait for each other's connections, and for those of no other: whoever occupies the connections to a host that many
   * use keeps nobody else from it.
   */
  readonly line?: string;
  /** Milliseconds for all of it: name, connection, reply. */
  readonly timeoutMs: number;
  /** Bytes of the reply's body that are read; what follows is not waited for. 0 when left out. */
  readonly replyBytes?: number;
}

export interface OutgoingReply {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The first bytes of the body. */
  readonly body: Buffer;
}

/** Rejects with {@link OutgoingFailure} when there is no reply. Any status is a reply. */
export type Outgoing = (request: OutgoingRequest) => Promise<OutgoingReply>;

/**
 * There was no reply. `reason` names the cause without any address: `address_refused` (not public, or not https), `timeout`, or
 * the code of the system, such as `ECONNREFUSED`.
 */
export class OutgoingFailure extends Error {
  readonly code = "outgoing_failed";
  readonly reason: string;

  constructor(reason: string, cause?: unknown) {
    super(`There was no reply: ${reason}`, { cause });
    this.name = "OutgoingFailure";
    this.reason = reason;
  }
}

const ADDRESS_REFUSED = "address_refused";

class AddressRefused extends Error {
  readonly code = ADDRESS_REFUSED;
}

class Ended extends Error {
  readonly code = "ECONNRESET";
}

class ReusedConnectionEnded extends Error {
  readonly code = "ECONNRESET";

  constructor(cause: unknown) {
    super("The connection had ended before the request came", { cause });
    this.name = "ReusedConnectionEnded";
  }
}

const isReset = (error: unknown): boolean => ["ECONNRESET", "EPIPE"].includes(reasonOf(error));

/** Connections of one line to one host that are open at once, unless the client says otherwise; further requests wait for one. */
const CONNECTIONS = 8;
const IDLE_MS = 15_000;

/**
 * Whether a request to `url` would be made, as far as the text says: `https`, no user name, and no address that is not public. With
 * `anywhere` also `http`, and any address. A name is checked when it is resolved.
 */
export function mayBeCalled(url: URL, anywhere: boolean): boolean {
  if (url.username !== "" || url.password !== "") return false;
  if (anywhere) return url.protocol === "https:" || url.protocol === "http:";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return url.protocol === "https:" && (isIP(host) === 0 || isPublicAddress(host));
}

/** How names become addresses, and which of those may be called; tests have their own. */
export interface Addresses {
  readonly lookup: NameLookup;
  isPublic(address: string): boolean;
}

export interface OutgoingOptions {
  /** On a developer's machine: `http` and all addresses are allowed. */
  readonly anywhere: boolean;
  /** Connections of one line to one host that are open at once. */
  readonly connections?: number;
  readonly addresses?: Addresses;
}

/** A client with its own connections. */
export function createOutgoing({
  anywhere,
  connections = CONNECTIONS,
  addresses = { lookup: dnsLookup(), isPublic: isPublicAddress },
}: OutgoingOptions): Outgoing {
  const options = { keepAlive: true, maxSockets: connections, maxFreeSockets: 2, timeout: IDLE_MS };
  const agents = { "http:": inLines(new HttpAgent(options)), "https:": inLines(new HttpsAgent(options)) };
  const checked = anywhere ? {} : { lookup: lookupPublic(addresses) };
  return async (request) => {
    if (!mayBeCalled(request.url, anywhere)) throw new OutgoingFailure(ADDRESS_REFUSED);
    const agent = request.url.protocol === "https:" ? agents["https:"] : agents["http:"];
    const limit = timeLimit(request.timeoutMs);
    const exchange = (by: typeof agent | false) =>
      exchanged(request, { agent: by, signal: limit.signal, ...checked });
    try {
      return await exchange(agent).catch((error: unknown) => {
        // The receiver may have closed it before it knew of this request: no failure of the receiver.
        if (error instanceof ReusedConnectionEnded && !limit.signal.aborted) return exchange(false);
        throw error;
      });
    } catch (error) {
      throw new OutgoingFailure(limit.signal.aborted ? "timeout" : reasonOf(error), error);
    } finally {
      limit.clear();
    }
  };
}

/** `agent` with connections of its own for each line, which is an option of a request. */
function inLines<A extends Agent>(agent: A): A {
  const nameOf = agent.getName.bind(agent);
  agent.getName = (options) => `${nameOf(options)}:${lineIn(options)}`;
  return agent;
}

const lineIn = (options: object | undefined): string =>
  options !== undefined && "line" in options ? String(options.line) : "";

interface ExchangeOptions {
  /** False: by a connection of its own. */
  readonly agent: Agent | false;
  readonly signal: AbortSignal;
  readonly lookup?: LookupFunction;
}

/** @throws {ReusedConnectionEnded} when a connection that was used before ended without a byte of a reply. */
function exchanged(
  { url, method, headers, body, replyBytes = 0, line = "" }: OutgoingRequest,
  options: ExchangeOptions,
): Promise<OutgoingReply> {
  const { signal } = options;
  return new Promise<OutgoingReply>((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    // A request's options are its agent's as well, whatever they are.
    const withLine: typeof options & { readonly line: string } = { ...options, line };
    const outgoing = send(url, { method, headers, ...withLine });
    outgoing.once("error", (error) =>
      reject(outgoing.reusedSocket && isReset(error) ? new ReusedConnectionEnded(error) : error),
    );
    // Nothing was asked to be upgraded: a status like any other, and the end of the connection.
    outgoing.once("upgrade", (incoming, socket) => {
      socket.destroy();
      resolve({ ...headOf(incoming), body: Buffer.alloc(0) });
    });
    // However it ends, and at the latest when its time is over, it has ended; after a reply that says nothing.
    outgoing.once("close", () => reject(new Ended("The connection ended before the reply did")));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    outgoing.once("response", (incoming) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const done = () =>
        resolve({ ...headOf(incoming), body: Buffer.concat(chunks).subarray(0, replyBytes) });
      incoming.on("data", (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length <= Math.max(replyBytes, DRAINED)) return;
        // More than anybody reads: the connection is given up, the reply counts.
        done();
        incoming.destroy();
      });
      incoming.once("end", done);
      incoming.once("error", reject);
    });
    outgoing.end(body);
  });
}

/** A reply up to this length is read to its end, so that its connection can be used again. */
const DRAINED = 16_384;

/** Names that stand for this machine, for which DNS is not asked (RFC 6761, 6.3). */
const isOwnName = (host: string): boolean => /(^|\.)localhost$/i.test(host);

/** Gives the addresses of a name only if all of them are public. */
const lookupPublic =
  ({ lookup, isPublic }: Addresses): LookupFunction =>
  (hostname, options, callback) => {
    const refuse = () =>
      callback(new AddressRefused(`${hostname} is not an address of the public internet`), []);
    if (isOwnName(hostname)) return refuse();
    lookup(hostname, options, (error, addresses) => {
      if (error) return callback(error, []);
      if (!addresses.every(({ address }) => isPublic(address))) return refuse();
      const [first] = addresses;
      if (options.all === true || first === undefined) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };

function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "unknown";
  return typeof error.code === "string" ? error.code : "unknown";
}

const headOf = ({ statusCode = 0, headers }: IncomingMessage) => ({
  status: statusCode,
  headers: plain(headers),
});

const plain = (headers: IncomingHttpHeaders): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
