// Calls whose chosen instance is this very process: a function call instead of an HTTP exchange. Everything else is as over HTTP:
// the instance is chosen as ever, the listener's checks and the function's own are made, the limits and failures are the same.

import { isIP } from "node:net";
import { type Attempt, AttemptFailed, MAX_REPLY_BYTES, watchAttempt } from "./attempt.ts";
import type { PeerReply } from "./peer.ts";

/** A request as a listener would receive it by HTTP. */
export interface InProcessRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** By lower-case name, with those that HTTP adds. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The IP address that a connection to the listener would come from. */
  readonly address: string;
}

/** An exchange that has not begun. */
export interface InProcessExchange {
  /** Begins; calls back once, with the reply, and never after {@link hangUp}. */
  start(onReply: (reply: PeerReply) => void): void;
  /** What a client does that closes its connection before the reply. */
  hangUp(): void;
}

/** A listener of this process, while it listens. */
export interface InProcessListener {
  readonly service: string;
  /** The instance id under which it is registered. */
  readonly instance: string;
  readonly port: number;
  /** The exchange for `request`; undefined for one that the listener refuses or answers in another way. */
  accept(request: InProcessRequest): InProcessExchange | undefined;
}

/** The listeners of one process that can be called without HTTP. */
export class InProcessListeners {
  readonly #listeners = new Set<InProcessListener>();

  /** Adds a listener that is open. Returns a function that removes it; it must be called before the listener closes. */
  add(listener: InProcessListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  has(listener: InProcessListener): boolean {
    return this.#listeners.has(listener);
  }

  /** The listener that `attempt` is for: its service, its instance id and its port, over plain HTTP. */
  find({ origin, headers }: Attempt): InProcessListener | undefined {
    for (const listener of this.#listeners) {
      if (
        headers["cfmp-target-instance"] === listener.instance &&
        headers["cfmp-target-service"] === listener.service &&
        origin.startsWith("http://") &&
        origin.endsWith(`:${listener.port}`)
      ) {
        return listener;
      }
    }
    return undefined;
  }
}

/** Those of this process: its runtime adds them, its callers find them. */
export const inProcessListeners = new InProcessListeners();

/**
 * Sends each attempt to the listener of this process that it is for, and by `http` when there is none. What that listener would
 * refuse, or what HTTP could change on the way, goes by `http` as well.
 */
export class InProcessFirst {
  readonly #listeners: InProcessListeners;
  readonly #http: { send(attempt: Attempt): Promise<PeerReply> };

  constructor(listeners: InProcessListeners, http: { send(attempt: Attempt): Promise<PeerReply> }) {
    this.#listeners = listeners;
    this.#http = http;
  }

  /** Resolves with the complete reply, of any status. @throws {AttemptFailed} when there is none. */
  send(attempt: Attempt): Promise<PeerReply> {
    const listener = this.#listeners.find(attempt);
    const request = listener && requestOf(attempt);
    const exchange = request && listener?.accept(request);
    if (listener === undefined || exchange === undefined) return this.#http.send(attempt);
    const isOpen = () => this.#listeners.has(listener);
    return new Promise((resolve, reject) => {
      new InProcessAttempt(attempt, exchange, isOpen, resolve, reject).start();
    });
  }
}

/** Of a connection, or with an effect on the listener itself: `Origin` of browsers, `Expect`. */
const BY_HTTP_ONLY = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "origin",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const NAME = /^[a-z][a-z\d-]*$/;
/** ASCII that no parser trims or decodes. */
const VALUE = /^[!-~](?:[ -~]*[!-~])?$/;
const TARGET = /^\/[!-"$-~]*$/;
/** Well below the limit of a listener. */
const HEAD_BYTES = 8 * 1024;
const LOOPBACK = "127.0.0.1";

/** The request that a listener would receive; undefined when only HTTP knows what would become of it. */
function requestOf({
  origin,
  path,
  method,
  headers: given,
  body = "",
}: Attempt): InProcessRequest | undefined {
  if (method === "HEAD" || (method === "GET" && body !== "") || !TARGET.test(path)) return undefined;
  const host = origin.slice("http://".length);
  const headers: Record<string, string> = { host, connection: "keep-alive" };
  let size = path.length;
  for (const name in given) {
    const value = given[name] ?? "";
    if (!NAME.test(name) || BY_HTTP_ONLY.has(name) || !VALUE.test(value)) return undefined;
    headers[name] = value;
    size += name.length + value.length;
  }
  if (size > HEAD_BYTES) return undefined;
  const bytes = Buffer.from(body);
  if (bytes.length > 0 || method === "POST" || method === "PUT")
    headers["content-length"] = String(bytes.length);
  const name = host.slice(0, host.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
  return { method, target: path, headers, body: bytes, address: isIP(name) === 0 ? LOOPBACK : name };
}

/** One attempt. Settles once: a reply after that is ignored. */
class InProcessAttempt {
  readonly #exchange: InProcessExchange;
  readonly #isOpen: () => boolean;
  readonly #resolve: (reply: PeerReply) => void;
  readonly #reject: (cause: AttemptFailed) => void;
  /** Undefined while it is created: then the attempt may have failed already. */
  readonly #endWatch: (() => void) | undefined;
  #sent = false;
  #settled = false;

  constructor(
    attempt: Attempt,
    exchange: InProcessExchange,
    isOpen: () => boolean,
    resolve: (reply: PeerReply) => void,
    reject: (cause: AttemptFailed) => void,
  ) {
    this.#exchange = exchange;
    this.#isOpen = isOpen;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#endWatch = watchAttempt(attempt, (kind, reason) => this.#fail(kind, reason));
    if (this.#settled) this.#endWatch();
  }

  /**
   * Begins in a later turn of the event loop, as a listener would receive a request: calls that call each other neither pile up
   * on the stack nor keep the process from its timers and connections.
   */
  start(): void {
    setImmediate(() => {
      if (this.#settled) return;
      if (!this.#isOpen()) {
        this.#fail("unreachable", "the listener has closed");
        return;
      }
      this.#sent = true;
      this.#exchange.start((reply) => this.#take(reply));
    });
  }

  #take(reply: PeerReply): void {
    if (Buffer.byteLength(reply.body) > MAX_REPLY_BYTES) {
      this.#fail("broken", `the reply exceeds ${MAX_REPLY_BYTES} bytes`);
    } else if (this.#settle()) {
      this.#resolve(reply);
    }
  }

  #fail(kind: AttemptFailed["kind"], reason: string): void {
    if (!this.#settle()) return;
    if (this.#sent) this.#exchange.hangUp();
    this.#reject(new AttemptFailed(kind, this.#sent, reason));
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#endWatch?.();
    return true;
  }
}
