// A provider whose calls are spans, where spans are recorded, and counted.

import { asCall, type Call } from "../../../lib/observability/traffic.ts";
import { payments } from "../contract.ts";
import type { Provider } from "./provider.ts";

/** `provider`; reading a callback is no call. */
export function tracedProvider(provider: Provider): Provider {
  const { method, replies } = provider;
  const toProvider: Call = { from: payments.service, to: method, kind: "provider" };
  const call = <T>(operation: string, work: () => Promise<T>): Promise<T> =>
    asCall(
      toProvider,
      () => ({
        name: `${operation} ${method}`,
        kind: "client",
        attributes: { "cfmp.payment.method": method, "cfmp.provider.operation": operation },
      }),
      work,
    );
  return {
    method,
    replies,
    open: (charge) => call("open", () => provider.open(charge)),
    query: (reference) => call("query", () => provider.query(reference)),
    close: (reference) => call("close", () => provider.close(reference)),
    refund: (order) => call("refund", () => provider.refund(order)),
    queryRefund: (order) => call("queryRefund", () => provider.queryRefund(order)),
    parseCallback: (headers, rawBody) => provider.parseCallback(headers, rawBody),
  };
}
