// A reply that is being received: its head as a promise, its body as a stream with back-pressure.

import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { ReplyHead } from "../../lib/discovery/call/call.ts";
import { AttemptFailed } from "../../lib/discovery/peer/attempt.ts";

/** A reply whose head has arrived. */
export interface GatewayReply extends ReplyHead {
  /** Names and values alternating, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Readable | Buffer;
}

/** For undici's `dispatch`. Settles once; what undici reports after a failure is ignored. */
export class Incoming implements Dispatcher.DispatchHandler {
  /** Rejects with {@link AttemptFailed}. */
  readonly reply: Promise<GatewayReply>;
  readonly #settle = Promise.withResolvers<GatewayReply>();
  #controller: Dispatcher.DispatchController | undefined;
  #failure: AttemptFailed | undefined;
  #body: Readable | undefined;

  constructor() {
    this.reply = this.#settle.promise;
  }

  /** Whether anything was sent. */
  get sent(): boolean {
    return this.#controller !== undefined;
  }

  /** Ends the exchange, whether or not a reply has begun. */
  fail(failure: AttemptFailed): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#settle.reject(failure);
    this.#controller?.abort(failure);
    this.#body?.destroy(failure);
  }

  /** Called just before anything is written. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#failure !== undefined) controller.abort(this.#failure);
    else this.#controller = controller;
  }

  onRequestUpgrade(): void {
    this.fail(new AttemptFailed("broken", true, "it switched protocols without a request to"));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    const isInterim = status < 200;
    if (isInterim) return;
    const body = new Readable({
      read: () => controller.resume(),
      destroy: (cause, done) => {
        if (!body.readableEnded) controller.abort(cause ?? new Error("the reader closed the body"));
        done(cause);
      },
    });
    this.#body = body;
    this.#settle.resolve({ status, headers: textsOf(headers), rawHeaders: rawOf(controller, headers), body });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#body?.push(chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    this.#body?.push(null);
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    const kind = this.sent ? "broken" : "unreachable";
    this.fail(new AttemptFailed(kind, this.sent, cause.message, cause));
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Parsed headers with one text each. */
export const textsOf = (headers: Headers): ReplyHead["headers"] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );

/** As they were sent; where undici has only parsed ones, each value of those. */
function rawOf({ rawHeaders }: Dispatcher.DispatchController, headers: Headers): string[] {
  if (Array.isArray(rawHeaders)) {
    return rawHeaders.map((part) => (typeof part === "string" ? part : part.toString("latin1")));
  }
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap((each) => [name, each]),
  );
}
