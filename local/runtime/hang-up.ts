// What serverless-offline does not pass on to functions: whether the client still waits for the reply.

import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestListener, ServerResponse } from "node:http";

const responses = new AsyncLocalStorage<ServerResponse>();

/** `answer`, within which {@link withHangUp} knows the response. */
export const knowingClients =
  (answer: RequestListener): RequestListener =>
  (request, response) =>
    responses.run(response, () => answer(request, response));

/** `context` with `onHangUp` (see lib/http), where a client waits for what is invoked. */
export function withHangUp(context: object): object {
  const response = responses.getStore();
  if (response === undefined) return context;
  const onHangUp = (listener: () => void) =>
    response.once("close", () => {
      if (!response.writableFinished) listener();
    });
  return { ...context, onHangUp };
}
