// One HTTP exchange over undici's dispatcher, below its streams: opening and reading a stream costs more than the rest.

import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Reply } from "./transport.ts";

/** Header of each reply of the embedded database while it accepts no writes. */
const WRITE_FAILURE = "x-database-write-failure";

/**
 * POSTs `body` to `/`. Rejects with undici's error when no complete reply arrives. It also rejects when `signal` is aborted:
 * that closes the connection, and so ends the server's work for this request.
 */
export async function post(
  dispatcher: Dispatcher,
  headers: Record<string, string>,
  body: string,
  signal?: AbortSignal,
): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const gathered = new Gathered(resolve, reject);
  const abort = () => gathered.abort();
  signal?.addEventListener("abort", abort);
  try {
    dispatcher.dispatch({ path: "/", method: "POST", headers, body }, gathered);
    return await promise;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

class Gathered implements Dispatcher.DispatchHandler {
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: Error) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #aborted = false;
  #status = 0;
  #writeFailure: string | undefined;

  constructor(resolve: (reply: Reply) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Ends the exchange at once; a request that still waits for a connection is not sent. */
  abort(): void {
    const reason = new Error("the reply is no longer needed");
    this.#aborted = true;
    this.#reject(reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted) this.abort();
  }

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
