// A provider whose adapter and SDK are loaded at the first call, so that they do not slow down start-up.

import type { Provider } from "./provider.ts";

/** A proxy for the provider that `load` returns; `load` is called once, and again after it failed. */
export function lazyProvider(
  known: Pick<Provider, "method" | "replies">,
  load: () => Promise<Provider>,
): Provider {
  let loading: Promise<Provider> | undefined;
  function loaded(): Promise<Provider> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }
  return {
    ...known,
    open: async (charge) => (await loaded()).open(charge),
    query: async (reference) => (await loaded()).query(reference),
    close: async (reference) => (await loaded()).close(reference),
    refund: async (order) => (await loaded()).refund(order),
    queryRefund: async (order) => (await loaded()).queryRefund(order),
    parseCallback: async (headers, rawBody) => (await loaded()).parseCallback(headers, rawBody),
  };
}
