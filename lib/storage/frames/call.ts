// One request on its way: it waits for a connection, then for its reply.

import type { Reply } from "../transport.ts";

/** The connection that a request was written to. */
export interface Carrier {
  /** No further request is written to it; it is closed as soon as nobody waits for a reply. */
  retire(): void;
  /** Nobody waits any more for the reply to one of its requests. */
  onGivenUp(): void;
}

export class Call {
  readonly operation: string;
  readonly body: string;
  /** When it is given up, on the clock of `performance.now()`. */
  readonly until: number;
  readonly reply: Promise<Reply>;
  /** Undefined until it is written. */
  carrier: Carrier | undefined;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: Error) => void;
  #over = false;

  constructor(operation: string, body: string, until: number) {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.operation = operation;
    this.body = body;
    this.until = until;
    this.reply = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Whether nobody waits for its reply. */
  get over(): boolean {
    return this.#over;
  }

  answer(reply: Reply): void {
    this.#over = true;
    this.#resolve(reply);
  }

  fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#reject(error);
    this.carrier?.onGivenUp();
  }
}
