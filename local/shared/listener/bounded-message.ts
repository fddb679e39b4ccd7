// A request whose body has a size limit, independent of its framing and of whether the body is read.

import { IncomingMessage } from "../../../lib/core/node-http.ts";

const EMPTY = Buffer.alloc(0);

/** For `createServer`. Without a limit it behaves like Node's own message. */
export class BoundedMessage extends IncomingMessage {
  #limit = Number.POSITIVE_INFINITY;
  #received = 0;
  #onExceeded: (() => void) | undefined;
  #onWhole: (() => void) | undefined;
  #gathered: Buffer[] | undefined;
  #onBody: ((body: Buffer) => void) | undefined;

  /** Whether a body may follow the head (RFC 9112, 6.3). */
  get mayHaveBody(): boolean {
    return this.headers["transfer-encoding"] !== undefined || Number(this.headers["content-length"] ?? 0) > 0;
  }

  /**
   * Sets the limit in bytes. A reader gets nothing beyond it, and no end: a part must never be taken for the whole body.
   * `onExceeded` is called once.
   */
  limitBody(limit: number, onExceeded: () => void): void {
    this.#limit = limit;
    this.#onExceeded = onExceeded;
  }

  /**
   * Calls back with the whole body, once all of it has arrived; never when the request ends before, or exceeds its limit. To be
   * called before anything is read: the body does not pass through the stream, which costs more than the rest of reading.
   */
  gather(onBody: (body: Buffer) => void): void {
    this.#gathered = [];
    this.#onBody = onBody;
  }

  /** Reads and discards the rest, and calls back when the whole message has arrived. */
  discard(onWhole: () => void): void {
    this.#onWhole = onWhole;
    this.#onExceeded = undefined;
    this.#limit = -1;
    if (this.complete) onWhole();
    else this.resume();
  }

  /** Called by Node's parser with each chunk, and with null at the end. */
  override push(chunk: Buffer | null): boolean {
    this.#received += chunk?.length ?? 0;
    if (this.#limit >= 0 && this.#received <= this.#limit) return this.#take(chunk);
    if (chunk === null) this.#onWhole?.();
    else this.#exceeded();
    return true;
  }

  #take(chunk: Buffer | null): boolean {
    const gathered = this.#gathered;
    if (gathered === undefined) return super.push(chunk);
    if (chunk !== null) {
      gathered.push(chunk);
      return true;
    }
    // Node has to see the end; it is read when the reply is sent.
    const more = super.push(null);
    const [first] = gathered;
    this.#onBody?.(gathered.length > 1 ? Buffer.concat(gathered) : (first ?? EMPTY));
    return more;
  }

  #exceeded(): void {
    const report = this.#onExceeded;
    this.#onExceeded = undefined;
    report?.();
  }
}
