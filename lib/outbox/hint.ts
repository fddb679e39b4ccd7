// A hint that an aggregate has something to deliver. Only a hint: what is lost here, the sweep finds.

import aws4 from "aws4";
import { request } from "undici";
import { onLambda } from "../core/on-lambda.ts";
import { serviceLog } from "../observability/log.ts";

type RelayOne = (id: string, traceparent?: string) => Promise<void>;

// Relays made in this very process. On AWS every function makes them, but a frozen process relays nothing.
const here = new Map<string, RelayOne>();

const INVOKE_TIMEOUT_MS = 1_000;

/** Makes a relay of this process known, so that hints reach it without a network call. */
export function offerRelay(name: string, relay: RelayOne): void {
  here.set(name, relay);
}

/**
 * Asks the relay `name` to look at one aggregate soon. Never fails and never makes a local caller wait; on AWS it
 * waits for the acceptance of the asynchronous invocation, because a frozen process sends nothing.
 */
export async function hintRelay(name: string, id: string, traceparent: string): Promise<void> {
  const relay = here.get(name);
  if (relay && !onLambda()) {
    setImmediate(() => void relay(id, traceparent));
    return;
  }
  const prefix = process.env["RELAY_FUNCTION_PREFIX"];
  if (prefix === undefined || prefix === "") return;
  try {
    await invoke(`${prefix}${name}`, JSON.stringify({ id, traceparent }));
  } catch (error) {
    serviceLog(name).warn({ err: error }, "a relay could not be hinted; the sweep will find it");
  }
}

/** `Invoke` with `InvocationType: Event` (https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html). */
async function invoke(functionName: string, payload: string): Promise<void> {
  const region = process.env["AWS_REGION"] ?? "us-east-1";
  const { origin, host } = new URL(
    process.env["AWS_ENDPOINT_URL"] ?? `https://lambda.${region}.amazonaws.com`,
  );
  const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
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
    Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const reply = await request(`${origin}${path}`, {
    method: "POST",
    headers,
    body: payload,
    headersTimeout: INVOKE_TIMEOUT_MS,
  });
  await reply.body.dump();
  if (reply.statusCode !== 202) throw new Error(`Invoke answered ${reply.statusCode}`);
}
