// The way to the provider: it does not answer, answers too late, or has not made up its mind yet.

import { type Provider, ProviderFailure } from "../../../functions/payments/providers/provider.ts";
import type { Process } from "./scheduler.ts";
import type { World } from "./world.ts";

/** `provider` as `process` reaches it. */
export function farProvider(world: World, process: Process, provider: Provider): Provider {
  const { scheduler, chance } = world;

  /** Calls it, unless the way there breaks; `unsure` says what it answers when it needs more time, before or after. */
  function reach<T>(what: string, call: () => Promise<T>, unsure?: (answer: T | undefined) => T): Promise<T> {
    const { latency, fault, instance } = chance.network();
    if (fault !== undefined) world.fault(`${process.name} provider.${what}`, fault);
    return new Promise((resolve, reject) => {
      const fail = () => reject(new ProviderFailure(provider.method, "it does not answer"));
      scheduler.after(latency, process, () => {
        if (fault === "refused" || fault === "crash before") return fail();
        const slow = fault === "duplicated" ? unsure : undefined;
        if (slow && instance === 1) return resolve(slow(undefined));
        call().then((answer) => {
          if (fault === "reply lost" || fault === "crash after") fail();
          else resolve(slow ? slow(answer) : answer);
        }, reject);
      });
    });
  }

  return {
    method: provider.method,
    replies: provider.replies,
    parseCallback: (headers, body) => provider.parseCallback(headers, body),
    open: (charge) => reach("open", () => provider.open(charge)),
    query: (reference) =>
      reach(
        "query",
        () => provider.query(reference),
        (found) => (found && found.state !== "open" ? found : { state: "processing" }),
      ),
    close: (reference) => reach("close", () => provider.close(reference)),
    refund: (order) =>
      reach(
        "refund",
        () => provider.refund(order),
        () => "pending",
      ),
    queryRefund: (order) =>
      reach(
        "queryRefund",
        () => provider.queryRefund(order),
        () => "pending",
      ),
  };
}
