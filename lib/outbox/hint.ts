// Hints: ask a relay to run for one aggregate now. A hint may be lost; the sweep finds the aggregate later.

import { onLambda } from "../core/on-lambda.ts";
import type { Scope } from "../core/scope.ts";
import { serviceLog } from "../observability/log.ts";
import type { Changed } from "../storage/aggregate-store.ts";
import type { Outbox } from "./outbox.ts";
import type { Relay } from "./relay.ts";

/** Asks the relay to do now what is due of the aggregate `id`: deliveries, and for a payment refunds. Never rejects. */
export type Hint = (id: string, traceparent: string) => Promise<void>;

const INVOKE_TIMEOUT_MS = 1_000;

/**
 * Hints to the relay after a write of the aggregate `id` that added events, or when other work is due (`otherWork`). Otherwise
 * no hint is needed: the write that caused the work was followed by one.
 */
export async function hintAfter(
  hint: Hint,
  id: string,
  { state, before, changed }: Changed<{ readonly outbox: Outbox<unknown> }>,
  { traceparent }: Pick<Scope, "traceparent">,
  otherWork = false,
): Promise<void> {
  const added = state.outbox.some(({ id: event }) => !before?.outbox.some((known) => known.id === event));
  if (changed && (added || otherWork)) await hint(id, traceparent);
}

/**
 * Hints for the relay function `name` of `service`. In the local runtime, where a service's functions share a process, `relay`
 * is called directly and the caller does not wait. On AWS the function is invoked asynchronously, and the caller waits until
 * the invocation is accepted, because a frozen process sends nothing.
 */
export function hintTo(service: string, name: string, relay: () => Relay): Hint {
  return async (id, traceparent) => {
    try {
      if (onLambda()) return await invoke(name, JSON.stringify({ id, traceparent }));
      const here = relay();
      // It logs its own failure.
      setImmediate(() => void here.relay(id, traceparent).catch(() => {}));
    } catch (error) {
      serviceLog(service).warn(
        { err: error },
        "the hint to the relay failed; the sweep will deliver the event",
      );
    }
  };
}

/** Invokes the relay function of this stack. Without a prefix there is none. */
async function invoke(name: string, payload: string): Promise<void> {
  const prefix = process.env["FUNCTION_PREFIX"];
  if (prefix === undefined || prefix === "") return;
  // Only on AWS: elsewhere a start would load the signing for nothing.
  const { invokeFunction } = await import("../core/aws-request.ts");
  await invokeFunction(prefix + name, payload, INVOKE_TIMEOUT_MS);
}
