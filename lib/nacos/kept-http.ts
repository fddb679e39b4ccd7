// HTTP over kept connections without undici, which costs 12 MB in each process that needs nothing else of it.

import { Agent, type IncomingMessage, request } from "node:http";

export interface PlainRequest {
  /** `http://host:port/path?query` */
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** The whole exchange takes no longer, in milliseconds. */
  readonly timeoutMs: number;
}

export interface PlainReply {
  readonly status: number;
  readonly data: string;
}

/** Keeps at most `connections` to each server. Requests must be safe to repeat. */
export class KeptHttp {
  readonly #agent: Agent;
  #closed = false;

  constructor(connections: number) {
    // Node takes the server's `Keep-Alive` hint into account, so that few requests meet a closing connection.
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws {Error} what kept the reply away; a `TimeoutError` when the time was over. */
  async send(wanted: PlainRequest): Promise<PlainReply> {
    const signal = AbortSignal.timeout(wanted.timeoutMs);
    try {
      return await this.#once(wanted, signal);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      // The server had closed a kept connection; that says nothing about the server now.
      if (cause instanceof StaleConnection && !this.#closed) return await this.#once(wanted, signal);
      throw cause;
    }
  }

  /** Ends all connections, also those in use. */
  close(): void {
    this.#closed = true;
    this.#agent.destroy();
  }

  #once({ url, method, headers, body }: PlainRequest, signal: AbortSignal): Promise<PlainReply> {
    return new Promise((resolve, reject) => {
      const call = request(url, { method, headers, agent: this.#agent, signal }, (reply) =>
        textOf(reply).then((data) => resolve({ status: reply.statusCode ?? 0, data }), reject),
      );
      call.on("error", (cause: NodeJS.ErrnoException) => {
        const stale = call.reusedSocket && (cause.code === "ECONNRESET" || cause.code === "EPIPE");
        reject(stale ? new StaleConnection("stale connection", { cause }) : cause);
      });
      call.end(body);
    });
  }
}

class StaleConnection extends Error {
  readonly code = "stale_connection";
}

async function textOf(reply: IncomingMessage): Promise<string> {
  let text = "";
  reply.setEncoding("utf8");
  for await (const part of reply) text += part;
  return text;
}
