// The body of a request as it was sent. serverless-offline decodes every body as UTF-8, losing what is none, and reads JSON
// before the handler does, so that `"{}"` would come as `{}`; API Gateway does neither.

import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestListener } from "node:http";

/** The step of a hapi server after the body was read and before a function is invoked; as much of it as is used here. */
interface BeforeHandler {
  ext(event: "onPreHandler", step: (request: { payload: unknown }, h: { continue: symbol }) => symbol): void;
}

const answering = new AsyncLocalStorage<{ body?: Buffer }>();

/** `listener`, with {@link requestBody} for all that it does about a request. */
export const withBodies =
  (listener: RequestListener): RequestListener =>
  (request, response) =>
    answering.run({}, listener, request, response);

/** Takes each body aside before serverless-offline sees it. */
export function keepBodies(server: BeforeHandler): void {
  server.ext("onPreHandler", (request, h) => {
    const kept = answering.getStore();
    if (kept !== undefined && Buffer.isBuffer(request.payload)) {
      kept.body = request.payload;
      request.payload = null;
    }
    return h.continue;
  });
}

/** The body of the request that is being answered; undefined where none is. */
export const requestBody = (): Buffer | undefined => answering.getStore()?.body;
