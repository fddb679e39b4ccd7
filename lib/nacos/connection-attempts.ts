// When to connect: one attempt at a time; after a failed one again with a growing pause, as long as somebody uses the connection.

import { pauseAfter, type Retry } from "../core/retry.ts";

export interface ConnectionAttemptsOptions {
  /** Connects; rejects when that is not possible. */
  readonly connect: () => Promise<void>;
  /** Called with the cause of the first failure of several in a row. */
  readonly onOutage: (cause: unknown) => void;
  /** Called when there is a connection again. */
  readonly onRecovery: () => void;
  readonly random: () => number;
}

const BACKOFF: Retry = { first: 100, longest: 2_000, jitter: 0.5 };

export class ConnectionAttempts {
  readonly #options: ConnectionAttemptsOptions;
  #underWay: Promise<void> | undefined;
  /** Attempts that failed since the last connection, and connections that turned out to be useless. */
  #failures = 0;
  #lastFailure: unknown;
  #next: NodeJS.Timeout | undefined;
  /** False while nothing but the choice of an API has asked for a connection: then failed attempts are not repeated. */
  #repeats = false;
  #closed = false;

  constructor(options: ConnectionAttemptsOptions) {
    this.#options = options;
  }

  /** False from the first failure on, until there is a connection. */
  get succeeded(): boolean {
    return this.#failures === 0;
  }

  /** Why there is no connection. */
  get lastFailure(): unknown {
    return this.#lastFailure;
  }

  /** From now on failed attempts are repeated until {@link close}. */
  repeat(): void {
    this.#repeats = true;
    if (this.#failures > 0) this.#plan();
  }

  /** Tries at once, also during a pause, and does not repeat it until {@link repeat}. @throws what `connect` throws. */
  once(): Promise<void> {
    this.#repeats = false;
    return this.now();
  }

  /** Tries at once, also during a pause; concurrent callers share one attempt. @throws what `connect` throws. */
  now(): Promise<void> {
    return this.#share(0);
  }

  /** Tries in a moment, which is random: a restarted server has all its clients at once. */
  soon(): void {
    this.#inBackground(this.#options.random() * BACKOFF.first);
  }

  /** The connection is of no use any more: another attempt follows after a pause. */
  failed(cause: unknown): void {
    this.#lastFailure = cause;
    if (this.#closed) return;
    if (this.#failures === 0) this.#options.onOutage(cause);
    this.#failures += 1;
    this.#plan();
  }

  /** No attempt begins any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#next);
  }

  #share(pauseMs: number): Promise<void> {
    clearTimeout(this.#next);
    this.#next = undefined;
    this.#underWay ??= this.#try(pauseMs).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #try(pauseMs: number): Promise<void> {
    try {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
      if (this.#closed) throw new Error("closed");
      await this.#options.connect();
      if (this.#failures > 0) this.#options.onRecovery();
      this.#failures = 0;
    } catch (cause) {
      this.failed(cause);
      throw cause;
    }
  }

  /** Tries again after a pause, unless that is planned already, or nobody uses the connection. */
  #plan(): void {
    if (!this.#repeats || this.#closed || this.#next !== undefined) return;
    const pause = pauseAfter(this.#failures, BACKOFF, this.#options.random);
    this.#next = setTimeout(() => this.#inBackground(0), pause).unref();
  }

  #inBackground(pauseMs: number): void {
    // A failure is counted, and followed by another attempt.
    this.#share(pauseMs).catch(() => {});
  }
}
