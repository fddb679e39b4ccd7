// The sidecar's log: entries are sent to the runtime, which writes them.

import type { Log } from "../../lib/observability/log.ts";
import type { FromSidecar } from "./messages.ts";

type Level = Extract<FromSidecar, { type: "log" }>["level"];

/** A log with pino's signature (`log.warn({ error }, "message")`) that passes entries to `send`; `debug` is dropped. */
export function sidecarLog(send: (message: FromSidecar) => void): Log {
  const at = (level: Level) => (first: unknown, second?: unknown) => {
    const message = typeof first === "string" ? first : String(second ?? "");
    send({ type: "log", level, message, fields: fieldsOf(first) });
  };
  return { debug: () => {}, info: at("info"), warn: at("warn"), error: at("error") };
}

/** Fields as plain JSON. An error is replaced by its message, since the channel carries no class instances. */
function fieldsOf(first: unknown): Record<string, unknown> {
  if (typeof first !== "object" || first === null) return {};
  const entries = Object.entries(first instanceof Error ? { error: first } : first);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}
