// A request whose body has a limit, however it is framed and whether anybody reads it or not.

import { IncomingMessage } from "../../../lib/core/node-http.ts";

/** Handed to `createServer`. Without a limit it is Node's own message. */
export class BoundedMessage extends IncomingMessage {
  #limit = Number.POSITIVE_INFINITY;
  #received = 0;
  #onExceeded: (() => void) | undefined;
  #onWhole: (() => void) | undefined;

  /**
   * Sets the limit in bytes. Whoever reads gets nothing beyond it, and no end: a part must never be taken for the whole.
   * `onExceeded` is called once.
   */
  limitBody(limit: number, onExceeded: () => void): void {
    this.#limit = limit;
    this.#onExceeded = onExceeded;
  }

  /** Reads on without keeping anything, and calls back when the message has arrived as a whole. */
  discard(onWhole: () => void): void {
    this.#onWhole = onWhole;
    this.#onExceeded = undefined;
    this.#limit = -1;
    if (this.complete) onWhole();
    else this.resume();
  }

  /** Node's parser puts here what arrives, and null at the end. */
  override push(chunk: Buffer | null): boolean {
    this.#received += chunk?.length ?? 0;
    if (this.#limit >= 0 && this.#received <= this.#limit) return super.push(chunk);
    if (chunk === null) this.#onWhole?.();
    else this.#exceeded();
    return true;
  }

  #exceeded(): void {
    const report = this.#onExceeded;
    this.#onExceeded = undefined;
    report?.();
  }
}
