// Hints: ask a relay to run for one aggregate now. A hint may be lost; the sweep finds the aggregate later.

import aws4 from "aws4";
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
      setImmediate(() => void here.relay(id, traceparent));
    } catch (error) {
      serviceLog(service).warn(
        { err: error },
        "the hint to the relay failed; the sweep will deliver the event",
      );
    }
  };
}

/** `Invoke` with `InvocationType: Event` (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). */
async function invoke(name: string, payload: string): Promise<void> {
  const prefix = process.env["RELAY_FUNCTION_PREFIX"];
  if (prefix === undefined || prefix === "") return;
  const region = process.env["AWS_REGION"] ?? "us-east-1";
  const { origin, host } = new URL(
    process.env["AWS_ENDPOINT_URL"] ?? `https://lambda.${region}.amazonaws.com`,
  );
  const path = `/2015-03-31/functions/${encodeURIComponent(prefix + name)}/invocations`;
  const signed = aws4.sign({
    host,
    path,
    region,
    method: "POST",
    service: "lambda",
    headers: { "content-type": "application/json", "x-amz-invocation-type": "Event" },
    body: payload,
  });
  const headers = Object.fromEntries(
    Object.entries(signed.headers ?? {}).map(([header, value]) => [header, String(value)]),
  );
  const { request } = await import("undici");
  const reply = await request(`${origin}${path}`, {
    method: "POST",
    headers,
    body: payload,
    headersTimeout: INVOKE_TIMEOUT_MS,
  });
  await reply.body.dump();
  if (reply.statusCode !== 202) throw new Error(`Invoke answered ${reply.statusCode}`);
}
