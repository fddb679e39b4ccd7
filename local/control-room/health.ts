// Asks the listeners of the runtimes for their health, while somebody watches. These requests are in no trace.

import { get } from "../../lib/core/node-http.ts";
import { parseJson } from "../../lib/core/tried.ts";
import { isRecord } from "./spans.ts";

export interface Health {
  readonly status: "starting" | "ok" | "degraded" | "draining" | "down";
  readonly checks: Readonly<Record<string, string>>;
  /** Of its outbox; null where it has none. */
  readonly outbox: { readonly lag_ms: number; readonly parked: number } | null;
}

export const DOWN: Health = { status: "down", checks: {}, outbox: null };

const WITHIN_MS = 1_000;
const MAX_BYTES = 64 * 1024;

/** The health at `url`; down where nothing answers in time. Never rejects. */
export const healthOf = async (url: string): Promise<Health> => readHealth(await healthBody(url));

/** What `/health/` at `url` answers; undefined where nothing answers in time, or no JSON. Never rejects. */
export function healthBody(url: string): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const down = () => resolve(undefined);
  const request = get(`${url}/health/`, { timeout: WITHIN_MS }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (part: string) => {
      body += part;
      if (body.length > MAX_BYTES) response.destroy();
    });
    response.on("error", down);
    response.on("close", down);
    response.on("end", () => resolve(parseJson(body)));
  });
  request.on("timeout", () => request.destroy());
  request.on("error", down);
  return promise;
}

function readHealth(value: unknown): Health {
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
