// One request to one instance over HTTP, with its time limit. Retries are made by lib/discovery/call.

import type { Agent, Dispatcher } from "undici";
import { reasonOf } from "../../core/failure-text.ts";
import { type Attempt, AttemptFailed, MAX_REPLY_BYTES, watchAttempt } from "./attempt.ts";
import type { PeerReply } from "./peer.ts";

/** What is used of undici's `Agent`; in bundles something else stands for it (build/undici.ts). */
export type PeerConnections = Pick<Agent, "dispatch" | "destroy">;
export interface PeerConnectionsOptions {
  readonly connections: number;
  readonly pipelining: number;
  /** Milliseconds after which a connection that nothing uses is closed. */
  readonly keepAliveTimeout: number;
  readonly connect: { readonly timeout: number };
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
}
type Package = { readonly Agent: new (options: PeerConnectionsOptions) => PeerConnections };

/** Connections to peers: kept alive, bounded per instance, opened by the first request. */
export class PeerHttp {
  readonly #load: () => Promise<Package>;
  #agent: PeerConnections | undefined;
  #opening: Promise<PeerConnections> | undefined;
  #closed = false;

  constructor(load: () => Promise<Package> = () => import("undici")) {
    this.#load = load;
  }

  /** Resolves with the complete reply, of any status. @throws {AttemptFailed} when there is none. */
  async send(attempt: Attempt): Promise<PeerReply> {
    const agent = this.#agent ?? (await this.#open());
    return new Promise((resolve, reject) => {
      const collector = new ReplyCollector(attempt, resolve, reject);
      try {
        agent.dispatch(
          {
            origin: attempt.origin,
            path: attempt.path,
            method: attempt.method,
            headers: attempt.headers,
            body: attempt.body ?? null,
          },
          collector,
        );
      } catch (cause) {
        collector.fail("unreachable", reasonOf(cause), cause);
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const agent = await this.#opening;
    await agent?.destroy();
  }

  // Loaded on demand: undici takes tens of milliseconds, and a function that calls no peer does not need it.
  #open(): Promise<PeerConnections> {
    this.#opening ??= this.#load().then(({ Agent }) => {
      const agent = new Agent({
        connections: 64,
        pipelining: 1,
        // Shorter than the 5 s after which a node:http server closes an idle connection.
        keepAliveTimeout: 4_000,
        connect: { timeout: 1_000 },
        // Off: each collector has its own, exact limit.
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      this.#agent = agent;
      if (this.#closed) void agent.destroy();
      return agent;
    });
    return this.#opening;
  }
}

/** Collects one reply. Settles once: later reports from undici are ignored. */
class ReplyCollector implements Dispatcher.DispatchHandler {
  readonly #resolve: (reply: PeerReply) => void;
  readonly #reject: (cause: AttemptFailed) => void;
  /** Undefined while it is created: then the attempt may have failed already. */
  readonly #endWatch: (() => void) | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #headers: PeerReply["headers"] = {};
  #first: Buffer | undefined;
  #rest: Buffer[] | undefined;
  #length = 0;

  constructor(attempt: Attempt, resolve: (reply: PeerReply) => void, reject: (cause: AttemptFailed) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#endWatch = watchAttempt(attempt, (kind, reason) => this.fail(kind, reason));
    if (this.#settled) this.#endWatch();
  }

  /** Called just before anything is written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) controller.abort(new Error("no longer wanted"));
    else this.#controller = controller;
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    const texts: Record<string, string | undefined> = {};
    for (const name in headers) {
      const value = headers[name];
      texts[name] = Array.isArray(value) ? value.join(", ") : value;
    }
    this.#headers = texts;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > MAX_REPLY_BYTES) this.fail("broken", `the reply exceeds ${MAX_REPLY_BYTES} bytes`);
    else if (this.#first === undefined) this.#first = chunk;
    else if (this.#rest === undefined) this.#rest = [this.#first, chunk];
    else this.#rest.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    const body = this.#rest === undefined ? this.#first : Buffer.concat(this.#rest, this.#length);
    this.#resolve({ status: this.#status, headers: this.#headers, body: body?.toString("utf8") ?? "" });
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    this.fail(this.#controller === undefined ? "unreachable" : "broken", reasonOf(cause), cause);
  }

  fail(kind: AttemptFailed["kind"], reason: string, cause?: unknown): void {
    if (!this.#settle()) return;
    const failure = new AttemptFailed(kind, this.#controller !== undefined, reason, cause);
    this.#controller?.abort(failure);
    this.#reject(failure);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#endWatch?.();
    return true;
  }
}
