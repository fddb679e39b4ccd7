// HTTP over kept-alive connections without undici, which costs 146 ms of CPU time and 28 MB in a function or process that starts.

import type {
  AgentOptions,
  ClientRequest,
  Agent as HttpAgent,
  IncomingHttpHeaders,
  IncomingMessage,
  RequestOptions,
} from "node:http";
import { Agent, request } from "./node-http.ts";
import { onLambda } from "./on-lambda.ts";
import { timeLimit } from "./time-limit.ts";

export interface PlainRequest {
  /** `http://host:port/path?query`, or `https://…` for TLS. */
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Time limit of the whole exchange in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the exchange, and closes its connection: the server sees that nobody waits any more. */
  readonly signal?: AbortSignal | undefined;
}

export interface PlainReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly data: string;
}

export interface KeptHttpOptions {
  /** Largest number of connections to each server; further requests wait for one. */
  readonly connections: number;
  /** Whether each request may be sent twice: it is, when its kept connection turns out to be closed. */
  readonly repeatable: boolean;
  /** CA certificates in PEM to trust; by default those that Node trusts, with `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string | undefined;
}

/** Sends requests either without TLS or with it. */
interface Client {
  readonly agent: HttpAgent;
  readonly request: (
    url: string,
    options: RequestOptions,
    onReply: (reply: IncomingMessage) => void,
  ) => ClientRequest;
}

/** An HTTP client over kept-alive connections. Redirects are not followed. */
export class KeptHttp {
  readonly #options: KeptHttpOptions;
  readonly #clients = new Map<boolean, Promise<Client>>();
  #closed = false;

  constructor(options: KeptHttpOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the complete reply, of any status. @throws {Error} the connection's error; a `TimeoutError` after the time limit;
   * the reason of the request's `signal`.
   */
  async send(wanted: PlainRequest): Promise<PlainReply> {
    wanted.signal?.throwIfAborted();
    const limit = timeLimit(wanted.timeoutMs, wanted.signal);
    const { signal } = limit;
    try {
      const client = await this.#client(wanted.url.startsWith("https:"));
      return await once(client, wanted, signal).catch((cause: unknown) => {
        // The server had closed this idle connection, which says nothing about its present state.
        if (this.#options.repeatable && !signal.aborted && cause instanceof StaleConnection && !this.#closed)
          return once(client, wanted, signal);
        throw cause;
      });
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw cause instanceof StaleConnection ? cause.cause : cause;
    } finally {
      limit.clear();
    }
  }

  /** Closes all connections, also those in use. */
  close(): void {
    this.#closed = true;
    for (const client of this.#clients.values()) void client.then(({ agent }) => agent.destroy());
  }

  #client(secure: boolean): Promise<Client> {
    const known = this.#clients.get(secure);
    if (known !== undefined) return known;
    const opened = open(this.#options, secure);
    this.#clients.set(secure, opened);
    return opened;
  }
}

/** Node respects the server's `Keep-Alive` time-out, so that few requests meet a closing connection. */
async function open({ connections, ca }: KeptHttpOptions, secure: boolean): Promise<Client> {
  const kept: AgentOptions = { keepAlive: true, maxSockets: connections };
  if (!secure) return { agent: new Agent(kept), request };
  // Loaded on demand: TLS costs 3.5 MB in each process.
  const https = await import("node:https");
  // Explicit, so that NODE_TLS_REJECT_UNAUTHORIZED=0, set for something else, does not disable the checks.
  const checks = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  return { agent: new https.Agent({ ...kept, ...checks }), request: https.request };
}

function once(
  client: Client,
  { url, method, headers, body }: PlainRequest,
  signal: AbortSignal,
): Promise<PlainReply> {
  return new Promise((resolve, reject) => {
    const call = client.request(url, { method, headers, agent: client.agent, signal }, (reply) => {
      let data = "";
      reply.setEncoding("utf8");
      reply.on("data", (part: string) => {
        data += part;
      });
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, data }));
      reply.on("error", reject);
    });
    call.on("error", (cause: NodeJS.ErrnoException) => {
      const stale = call.reusedSocket && (cause.code === "ECONNRESET" || cause.code === "EPIPE");
      reject(stale ? new StaleConnection("stale connection", { cause }) : cause);
    });
    // Also after a reply that nobody asked for, such as 101, after which nothing else happens.
    call.on("close", () => reject(new Error("The connection ended before the reply did")));
    call.end(body);
  });
}

// All that a function talks to on Lambda is behind TLS: it is loaded at the start, where no request has to wait for it.
if (onLambda()) void import("node:https");

class StaleConnection extends Error {
  readonly code = "stale_connection";
}
