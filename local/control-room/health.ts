// Asks the listeners of the runtimes for their health, while somebody watches. These requests are in no trace. On a busy machine an answer
// may take long: only where nobody listens, or somebody else answers, a listener is down.

import { get } from "../../lib/core/node-http.ts";
import { parseJson } from "../../lib/core/tried.ts";
import { isRecord } from "./spans.ts";

/** What a listener says of itself. */
export interface ListenerHealth {
  /** `slow`: it has taken the connection, and not answered in time. */
  readonly status: "ok" | "degraded" | "draining" | "slow" | "down";
  readonly checks: Readonly<Record<string, string>>;
  /** Of its outbox; null where it has none. */
  readonly outbox: { readonly lag_ms: number; readonly parked: number } | null;
}

export const DOWN: ListenerHealth = { status: "down", checks: {}, outbox: null };
export const SLOW: ListenerHealth = { status: "slow", checks: {}, outbox: null };

const WITHIN_MS = 1_000;
const MAX_BYTES = 64 * 1024;

/** The health at `url`. Never rejects. */
export async function healthOf(url: string): Promise<ListenerHealth> {
  const reply = await ask(url);
  if (reply === "late") return SLOW;
  return reply === "refused" ? DOWN : readHealth(reply.body);
}

/** What is known after `now`, which was seen after `before`: one that is slow has not said that anything else has changed. */
export const healthAfter = (before: ListenerHealth | undefined, now: ListenerHealth): ListenerHealth =>
  now.status === "slow" && before !== undefined ? { ...before, status: "slow" } : now;

/** What `/health/` at `url` answers; undefined where nothing answers in time, or no JSON. Never rejects. */
export async function healthBody(url: string): Promise<unknown> {
  const reply = await ask(url);
  return typeof reply === "string" ? undefined : reply.body;
}

/** `refused`: nobody listens there. `body`: undefined where it is no JSON. */
type Reply = "late" | "refused" | { readonly body: unknown };

function ask(url: string): Promise<Reply> {
  const { promise, resolve } = Promise.withResolvers<Reply>();
  const late = () => resolve("late");
  const request = get(`${url}/health/`, { timeout: WITHIN_MS }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => {
      body += part;
      if (body.length > MAX_BYTES) response.destroy();
    });
    response.on("error", late);
    response.on("end", () => resolve({ body: parseJson(body) }));
    response.on("close", late);
  });
  request.on("timeout", () => request.destroy());
  request.on("error", (error) =>
    resolve("code" in error && error.code === "ECONNREFUSED" ? "refused" : "late"),
  );
  return promise;
}

function readHealth(value: unknown): ListenerHealth {
  if (value === undefined) return DOWN;
  const { status, checks, outbox } = isRecord(value) ? value : {};
  const texts = Object.entries(isRecord(checks) ? checks : {}).map(([name, check]) => [name, String(check)]);
  return {
    // A listener that answers `down` is starting or stopping; its runtime says which.
    status: status === "ok" || status === "degraded" ? status : "draining",
    checks: Object.fromEntries(texts),
    outbox: isRecord(outbox)
      ? { lag_ms: Number(outbox["lag_s"] ?? 0) * 1_000, parked: Number(outbox["parked"] ?? 0) }
      : null,
  };
}
