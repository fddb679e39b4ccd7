// The HTTP client is loaded by its first request: undici takes 146 ms of CPU time and 28 MB, and a local runtime sends frames.

import { onLambda } from "../core/on-lambda.ts";
import { once } from "../core/once.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Transport } from "./transport.ts";

const load = once(() => import("./http-transport.ts"));

// On AWS it is always needed, and a function that starts has more CPU time than one that answers.
if (onLambda()) void load();

/** DynamoDB's HTTP API at `endpoint`. */
export function httpOnDemand(endpoint: Endpoint): Transport {
  let opened: Promise<Transport> | undefined;
  return {
    async exchange(operation, body, signal) {
      opened ??= load().then(({ httpTransport }) => httpTransport(endpoint));
      const transport = await opened;
      signal?.throwIfAborted();
      return transport.exchange(operation, body, signal);
    },
    async close() {
      await (await opened)?.close();
    },
  };
}
