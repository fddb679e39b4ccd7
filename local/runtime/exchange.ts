// What serverless-offline does not pass on to functions: the body as it was sent, and whether the client still waits for the
// reply. It decodes every body as UTF-8, losing what is none, and reads JSON before the handler does, so that `"{}"` would
// come as `{}`; API Gateway does neither.

import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestListener, ServerResponse } from "node:http";
import { onHangUp } from "../host/invoke.ts";

/** The step of a hapi server after the body was read and before a function is invoked; as much of it as is used here. */
interface BeforeHandler {
  ext(event: "onPreHandler", step: (request: { payload: unknown }, h: { continue: symbol }) => symbol): void;
}

/** A request that is being answered. */
interface Exchange {
  readonly response: ServerResponse;
  body?: Buffer;
}

const exchanges = new AsyncLocalStorage<Exchange>();

/** `listener`, with {@link requestBody} and {@link withHangUp} for all that it does about a request. */
export const withExchange =
  (listener: RequestListener): RequestListener =>
  (request, response) =>
    exchanges.run({ response }, listener, request, response);

/** Takes each body aside before serverless-offline sees it. */
export function keepBodies(server: BeforeHandler): void {
  server.ext("onPreHandler", (request, h) => {
    const exchange = exchanges.getStore();
    if (exchange !== undefined && Buffer.isBuffer(request.payload)) {
      exchange.body = request.payload;
      request.payload = null;
    }
    return h.continue;
  });
}

/** The body of the request that is being answered; undefined where none is. */
export const requestBody = (): Buffer | undefined => exchanges.getStore()?.body;

/** `context` with `onHangUp` (see lib/http), where a client waits for what is invoked. */
export function withHangUp(context: object): object {
  const response = exchanges.getStore()?.response;
  if (response === undefined) return context;
  return { ...context, onHangUp: (listener: () => void) => onHangUp(response, listener) };
}
