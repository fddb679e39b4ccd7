// Requests to the embedded database as frames over one connection. See docs/decisions/020-frames.md.

import { onceATurn } from "../../core/once-a-turn.ts";
import { type Upgrading, upgrade } from "../../core/upgrade.ts";
import { type Reply, TRY_TIMEOUT_MS, type Transport } from "../transport.ts";
import { Call } from "./call.ts";
import { Connection } from "./connection.ts";
import { isSendable, PROTOCOL } from "./frame.ts";

const TOO_LARGE: Reply = { status: 413, text: "", writeFailure: undefined };

/**
 * Connects to the database at an origin (`http://127.0.0.1:4567`) with the first request, and again with the next one after a
 * connection was lost. What is requested in one turn of the event loop is sent in one write. `exchange` rejects with
 * `UpgradeRefused` when the server takes no frames; nothing was sent then. A body above DynamoDB's limit is answered with 413.
 */
export class FrameClient implements Transport {
  readonly #url: string;
  readonly #timeoutMs: number;
  /** Those that somebody waits for, the oldest first. */
  readonly #calls = new Set<Call>();
  /** Those that are not written yet. */
  readonly #waiting: Call[] = [];
  /** With whatever else is requested in this turn of the event loop. */
  readonly #sendSoon = onceATurn(() => this.#send());
  #upgrading: Upgrading | undefined;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #onIdle = () => {};

  /** @param timeoutMs from a request to its reply; connecting and waiting for room are part of it. */
  constructor(url: string, timeoutMs = TRY_TIMEOUT_MS) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  async exchange(operation: string, body: string, signal?: AbortSignal): Promise<Reply> {
    if (this.#closed) throw new Error("The client of the database is closed");
    if (!isSendable(body)) return TOO_LARGE;
    const call = new Call(operation, body, performance.now() + this.#timeoutMs);
    const abort = () => call.fail(new Error("the reply is no longer needed"));
    signal?.addEventListener("abort", abort);
    this.#calls.add(call);
    this.#waiting.push(call);
    this.#timer ??= this.#expireAfter(this.#timeoutMs);
    this.#sendSoon();
    try {
      return await call.reply;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#calls.delete(call);
      if (this.#calls.size === 0) this.#onIdle();
    }
  }

  async close(): Promise<void> {
    const { promise: idle, resolve } = Promise.withResolvers<void>();
    this.#closed = true;
    this.#onIdle = resolve;
    if (this.#calls.size > 0) await idle;
    const reason = new Error("The client of the database was closed");
    clearTimeout(this.#timer);
    this.#upgrading?.abort(reason);
    this.#connection?.close(reason);
  }

  #send(): void {
    if (this.#waiting.length === 0 || this.#upgrading !== undefined) return;
    if (this.#connection?.usable === true) this.#connection.write(this.#waiting);
    else this.#connect();
  }

  #connect(): void {
    const upgrading = upgrade(this.#url, PROTOCOL);
    this.#upgrading = upgrading;
    upgrading.socket.then(
      (socket) => {
        this.#upgrading = undefined;
        const events = { onRoom: () => this.#onRoom(), onLost: () => this.#onRoom() };
        this.#connection = new Connection(socket, events);
        this.#send();
      },
      (error: Error) => {
        this.#upgrading = undefined;
        for (const call of this.#waiting.splice(0)) call.fail(error);
      },
    );
  }

  #onRoom(): void {
    if (this.#waiting.length > 0) this.#sendSoon();
  }

  /** What has arrived in the meantime is read before anything is given up: this process itself may have been too busy. */
  #expireAfter(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => setImmediate(() => this.#expire()), milliseconds).unref();
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const call of this.#calls) {
      if (call.until > now) {
        this.#timer = this.#expireAfter(call.until - now);
        return;
      }
      this.#timeOut(call);
    }
  }

  /**
   * Its connection may be dead: the next requests go to a new one. Replies that are on their way on this one are still taken,
   * each until its own time is over.
   */
  #timeOut(call: Call): void {
    const error = new Error(`No reply within ${this.#timeoutMs} ms`);
    call.fail(error);
    if (call.carrier !== undefined) call.carrier.retire();
    else if (this.#upgrading !== undefined) this.#upgrading.abort(error);
    else this.#connection?.retire();
  }
}
