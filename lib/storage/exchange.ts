// One HTTP exchange over undici's dispatcher, below its streams: opening and reading a stream costs more than the rest.

import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";

/** A complete reply, whatever its status. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  /** Why the embedded database writes nothing at the moment, by its header; undefined when it does. */
  readonly writeFailure: string | undefined;
}

const WRITE_FAILURE = "x-database-write-failure";

/** POSTs `body` to `/`. Rejects with undici's error when no complete reply came. */
export function post(dispatcher: Dispatcher, headers: Record<string, string>, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch({ path: "/", method: "POST", headers, body }, new Gathered(resolve, reject));
  });
}

class Gathered implements Dispatcher.DispatchHandler {
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: Error) => void;
  readonly #chunks: Buffer[] = [];
  #status = 0;
  #writeFailure: string | undefined;

  constructor(resolve: (reply: Reply) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    const said = headers[WRITE_FAILURE];
    this.#writeFailure = said === undefined ? undefined : String(said);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const whole = this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : first;
    this.#resolve({
      status: this.#status,
      text: whole?.toString("utf8") ?? "",
      writeFailure: this.#writeFailure,
    });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}
